"""Posts published while one watches, on the real clock, by planner and workers as `postroad up` runs them."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from config.settings import Settings
from connectors.sandbox import SandboxControl
from scheduler.cli.console import show_line
from scheduler.cli.wording import _
from scheduler.core.states import State
from scheduler.core.time import zone
from scheduler.services.delivery import planning
from scheduler.services.desk.queue import DeliveryDetail, DeliveryLine, Filter, list_deliveries, show_delivery
from scheduler.services.runtime import Runtime
from workers.bootstrap import only_one, open_runtime
from workers.demo.judging import times_published
from workers.demo.outcome import Outcome
from workers.demo.showing import board, show_attempts, show_left_over
from workers.demo.stage import submit_posts
from workers.demo.stories import read_stories
from workers.dispatchers import LocalDispatcher
from workers.planner import Planner
from workers.processes import run_due

TICK_S = 0.25
LONGEST_S = 90
SETTLED = (State.PUBLISHED, State.REJECTED, State.HELD, State.MISSED, State.CANCELLED)


def publish_live(settings: Settings, control: SandboxControl, *, pace: float = 1.0) -> Outcome:
    """Import posts due in seconds (`pace` shortens them) and watch them go out.

    The first write to Bluesky takes effect but its answer is lost: nobody knows what became of it until
    Postroad has looked.
    """
    control.set_clock(None)
    with _up(settings) as runtime:
        control.add_fault("bluesky", "drop_after", match="putRecord", method="POST")
        refs = _submit(runtime, settings, pace)
        with board() as show:
            lines: Sequence[DeliveryLine] = ()
            for lines in _watch(runtime, refs):
                show(lines)
        details = [show_delivery(runtime, line.id) for line in lines]
    return _check_all(details) + _check_lost(details, settings, control)


@contextmanager
def _up(settings: Settings) -> Iterator[Runtime]:
    """What `postroad up` does, with a planner that looks more often; what is due already goes first."""
    with only_one(settings):
        runtime = open_runtime(settings)
        planning.take_over(runtime)
        run_due(runtime, chunk=settings.chunk)
        dispatcher = LocalDispatcher(runtime)
        planner = Planner(runtime, dispatcher, chunk=settings.chunk, tick_s=TICK_S)
        planner.start()
        try:
            yield runtime
        finally:
            planner.stop()
            dispatcher.close()
            runtime.close()


def _submit(runtime: Runtime, settings: Settings, pace: float) -> list[str]:
    """The names of the live posts, due some seconds from now."""
    stories, here = read_stories("live"), zone(settings.time_zone)
    now = datetime.now(UTC).astimezone(here).replace(microsecond=0, tzinfo=None)
    dated = [(story, now + timedelta(seconds=round(pace * story.after_s))) for story in stories]
    submit_posts(runtime, settings.data / "live.csv", dated)
    return [story.ref for story in stories]


def _watch(runtime: Runtime, refs: Sequence[str]) -> Iterator[list[DeliveryLine]]:
    """The deliveries of these posts again and again, until each is settled or it takes too long."""
    ends_at = time.monotonic() + LONGEST_S
    while time.monotonic() < ends_at:
        lines = [line for ref in refs for line in list_deliveries(runtime, Filter(post=ref))]
        yield lines
        if all(line.state in SETTLED for line in lines):
            return
        time.sleep(TICK_S)


def _check_all(details: Sequence[DeliveryDetail]) -> Outcome:
    lines = [one.line for one in details if one.line.state is not State.PUBLISHED]
    if not lines:
        return Outcome()
    show_left_over(lines)
    return Outcome(wrong=(_("{count} live deliveries are not published").format(count=len(lines)),))


def _check_lost(details: Sequence[DeliveryDetail], settings: Settings, control: SandboxControl) -> Outcome:
    """The delivery whose answer was lost was found by looking, and the platform's own log has it once."""
    found = [one for one in details if one.confirmed_by == "look"]
    if len(found) != 1:
        return Outcome(
            wrong=(_("the answer was to be lost once, but {count} were").format(count=len(found)),)
        )
    (lost,) = found
    times = sum(n for (_face, _handle, text), n in times_published(control).items() if text == lost.text)
    show_line("")
    told = _("{channel}: the post went out but its answer was lost on the way, on purpose.")
    show_line(told.format(channel=lost.line.channel))
    show_attempts(lost.attempts, settings.time_zone)
    told = _("It was looked for instead of sent again. In the platform's own log it stands {times} time(s).")
    show_line(told.format(times=times))
    remarkable = {lost.line.id: _("its answer was lost, and it was found: all evidence")}
    return Outcome(wrong=() if times == 1 else (told.format(times=times),), remarkable=remarkable)
