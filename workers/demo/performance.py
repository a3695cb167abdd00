"""The demo from beginning to end: a centre is set up, four weeks pass, a report is made, posts go out live.

Everything goes the way a user's commands go; only the clock is moved by hand until the live act.
"""

import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from config.settings import Settings
from connectors.sandbox import SandboxControl, SandboxServer
from scheduler.cli.console import show_line
from scheduler.cli.wording import _
from scheduler.core.states import State
from scheduler.core.time import zone
from scheduler.core.weeks import Week
from scheduler.services.desk.queue import Filter, count_deliveries
from workers.bootstrap import open_runtime
from workers.demo.aims import set_goals
from workers.demo.countries import enter_countries
from workers.demo.folder import fresh_folder
from workers.demo.hints import show_hints
from workers.demo.history import first_week, live_through, look_back, write_posts_around
from workers.demo.judging import times_published
from workers.demo.live import publish_live
from workers.demo.outcome import Outcome
from workers.demo.showing import passing_bar, show_heading
from workers.demo.stage import CENTRE, TIME_ZONE, Stage, demo_settings, set_stage
from workers.demo.weekly import report_last_week

SEED = 1
REACT_EVERY_S = 5


def perform(settings: Settings, folder: Path, *, keep: bool) -> tuple[str, ...]:
    """Play every act in a folder of its own; what went wrong. `keep` serves the sandbox until Ctrl+C."""
    began = time.monotonic()
    with fresh_folder(folder), SandboxServer(seed=SEED) as sandbox:
        own = demo_settings(settings, folder)
        outcome = _play_past(own, sandbox.control)
        show_heading(_("Now live, on the real clock: posts that are due in some seconds"))
        outcome += publish_live(own, sandbox.control)
        show_heading(_("The judge is the platforms' own log"))
        outcome += _judge(own, sandbox.control)
        show_line(_("Done in {seconds} s.").format(seconds=round(time.monotonic() - began)))
        show_hints(own, url=sandbox.url if keep else None, remarkable=outcome.remarkable)
        if keep:
            _serve(sandbox.control)
    return outcome.wrong


def _play_past(settings: Settings, control: SandboxControl) -> Outcome:
    """Four weeks up to this minute, and the report of the last complete one."""
    now = datetime.now(UTC)
    present = Week.of(now, zone(TIME_ZONE))
    starts_at = first_week(present).starts_at(zone(TIME_ZONE))
    show_heading(
        _("{centre}, which does not exist, on platforms that are make-believe").format(centre=CENTRE)
    )
    with set_stage(settings, control, starts_at=starts_at) as stage:
        _introduce(stage)
        write_posts_around(present, stage)
        set_goals(present, stage)
        enter_countries(stage)
        show_heading(_("Four weeks pass: each delivery goes out at its own minute, counters are read back"))
        with passing_bar(starts_at, now) as moved:
            counted = live_through(stage, now, moved=moved)
        outcome = look_back(stage)
        show_heading(_("The report of the last complete week"))
        return outcome + report_last_week(stage, counted)


def _introduce(stage: Stage) -> None:
    told = _(
        "{channels} channels on {platforms} platforms in {languages} languages and {regions} regions: {path}"
    )
    cells = [account.cells for account in stage.accounts]
    show_line(
        told.format(
            channels=len(cells),
            platforms=len({one["platform"] for one in cells}),
            languages=len({one["language"] for one in cells}),
            regions=len({one["region"] for one in cells}),
            path=stage.settings.data / "channels.csv",
        )
    )


def _judge(settings: Settings, control: SandboxControl) -> Outcome:
    """Nothing twice, and as many posts live as our books say: published, or unconfirmed."""
    times = times_published(control).values()
    twice, live = sum(count > 1 for count in times), sum(times)
    runtime = open_runtime(settings)
    counts = count_deliveries(runtime, Filter())
    runtime.close()
    published, unconfirmed = (counts.get(state, 0) for state in (State.PUBLISHED, State.UNCONFIRMED))
    told = _(
        "{live} posts went live, {twice} of them twice. "
        "Postroad's books: {published} published, {unconfirmed} unconfirmed."
    ).format(live=live, twice=twice, published=published, unconfirmed=unconfirmed)
    show_line(told)
    return Outcome(wrong=() if not twice and live == published + unconfirmed else (told,))


def _serve(control: SandboxControl) -> None:
    """Let the audience go on reacting until Ctrl+C."""
    with suppress(KeyboardInterrupt):
        while True:
            control.react()
            time.sleep(REACT_EVERY_S)
