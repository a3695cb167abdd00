"""`postroad queue` and `postroad show`: deliveries, and the evidence for each."""

from collections.abc import Mapping
from dataclasses import replace

import typer

from scheduler.cli.app import app, runtime_of, settings_of
from scheduler.cli.console import JSON, out_is_read, show_json, show_line, show_table
from scheduler.cli.moments import clock_in
from scheduler.cli.numbers import DELIVERY, MOST_LINES
from scheduler.cli.pausing import scope_words
from scheduler.cli.states import kind_word, reason_words, state_word
from scheduler.cli.wording import _
from scheduler.core.states import State
from scheduler.core.verifying import FOR_A_PERSON
from scheduler.services.desk.queue import (
    AttemptLine,
    DeliveryDetail,
    DeliveryLine,
    Filter,
    count_deliveries,
    list_deliveries,
    require_known,
    show_delivery,
)
from scheduler.store.deliveries.waiting import CATCHING_UP, FULL

DONE = (State.PUBLISHED, State.CANCELLED)
WAITING = tuple(state for state in State if state not in DONE)
TURNS = (CATCHING_UP, FULL)
TABLE_LIMIT = 50
ANSWER = 200
"""As much of a platform's answer as a person reads."""


@app.command("queue")
def queue(
    ctx: typer.Context,
    *,
    state: list[State] = typer.Option([], help=_("only in this state; may be given several times")),
    channel: str | None = typer.Option(None, help=_("only of this channel")),
    platform: str | None = typer.Option(None, help=_("only on this platform")),
    post: str | None = typer.Option(None, help=_("only of this post")),
    everything: bool = typer.Option(False, "--all", help=_("published and cancelled ones as well")),
    limit: int | None = typer.Option(
        None, min=0, max=MOST_LINES, help=_("at most so many; JSON has all by default")
    ),
    as_json: bool = JSON,
) -> None:
    """Earliest due first."""
    runtime = runtime_of(ctx)
    wanted = Filter(states=state, channel=channel, platform=platform, post=post)
    require_known(runtime, wanted)
    if as_json:
        show_json(list_deliveries(runtime, wanted, limit=limit))
        return
    shown = wanted if state or everything else replace(wanted, states=WAITING)
    lines = list_deliveries(runtime, shown, limit=TABLE_LIMIT if limit is None else limit)
    _show_lines(lines, settings_of(ctx).time_zone)
    _show_counts(count_deliveries(runtime, wanted), len(lines))


@app.command("show")
def show(
    ctx: typer.Context,
    delivery: int = DELIVERY,
    full: bool = typer.Option(False, "--full", help=_("all that the platform answered, on a terminal too")),
    as_json: bool = JSON,
) -> None:
    """Its number is in the first column of `postroad queue`."""
    found = show_delivery(runtime_of(ctx), delivery)
    if as_json:
        show_json(found)
        return
    _show_detail(found, settings_of(ctx).time_zone, longest=None if full or not out_is_read() else ANSWER)


def _show_lines(lines: list[DeliveryLine], viewer_zone: str) -> None:
    columns = (_("delivery"), _("post"), _("channel"), _("state"), _("due there"), _("due here"), _("remark"))
    rows = [
        (
            line.id,
            line.post,
            line.channel,
            state_word(line.state),
            clock_in(line.due_at, line.time_zone),
            clock_in(line.due_at, viewer_zone),
            _remark(line, viewer_zone),
        )
        for line in lines
    ]
    show_table(columns, rows)


def _remark(line: DeliveryLine, viewer_zone: str) -> str:
    if line.state is State.SCHEDULED and not line.approved:
        return _("not approved")
    if line.paused is not None:
        return _("paused: {scope}").format(scope=scope_words(line.paused))
    if line.recalled_at is not None:
        return _("recalled")
    if line.reason in TURNS and line.next_at is not None:
        words = _("{reason}, until {at}")
        return words.format(reason=reason_words(line.reason), at=clock_in(line.next_at, viewer_zone))
    return reason_words(line.verdict_reason if line.verdict in FOR_A_PERSON else line.reason)


def _show_counts(counts: Mapping[State, int], shown: int) -> None:
    """How many there are in each state, and that not all are in the table."""
    said = ", ".join(f"{state_word(state)} {count}" for state, count in sorted(counts.items()))
    show_line(said or _("There are no deliveries."))
    hidden = sum(counts.values()) - shown
    if hidden:
        show_line(_("{count} are not shown: use --all and --limit").format(count=hidden))


def _show_detail(found: DeliveryDetail, viewer_zone: str, *, longest: int | None) -> None:
    line = found.line
    show_line(f"{line.id}  {line.post} → {line.channel} ({line.platform})  {state_word(line.state)}")
    show_line(f"{clock_in(line.due_at, line.time_zone)} = {clock_in(line.due_at, viewer_zone)}")
    for words in (_remark(line, viewer_zone), line.url, found.text):
        if words:
            show_line(words)
    for attempt in found.attempts:
        _show_attempt(attempt, viewer_zone, longest=longest)
    if longest and any(len(attempt.evidence.get("words", "")) > longest for attempt in found.attempts):
        show_line(_("Answers are shortened: postroad show {delivery} --full").format(delivery=line.id))


def _show_attempt(attempt: AttemptLine, viewer_zone: str, *, longest: int | None) -> None:
    """Two or three lines: when and what, why, and the platform's own words."""
    step = " → ".join(dict.fromkeys((kind_word(attempt.kind), state_word(attempt.state))))
    at = clock_in(attempt.at, viewer_zone, seconds=True)
    show_line(f"{attempt.number}. {at}  {step}  {attempt.worker}")
    seen = [f"{name} {value}" for name, value in attempt.evidence.items() if name != "words"]
    said = attempt.evidence.get("words", "")
    answer = said if longest is None or len(said) <= longest else f"{' '.join(said[:longest].split())} …"
    for words in (reason_words(attempt.reason), ", ".join(seen), answer):
        if words:
            show_line(f"   {words}")
