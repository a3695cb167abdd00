"""`postroad status`: how the installation is, by the same numbers as the metrics."""

from collections.abc import Iterator

import typer

from scheduler.cli.app import app, runtime_of
from scheduler.cli.console import JSON, show_json, show_line, show_table
from scheduler.cli.states import reason_words, state_word
from scheduler.cli.wording import _
from scheduler.core.states import State
from scheduler.services.delivery.stepping import JUMPED
from scheduler.services.desk.causes import Remedy
from scheduler.services.vitals import Vitals, read_vitals


@app.command("status")
def status(ctx: typer.Context, *, as_json: bool = JSON) -> None:
    """Ended deliveries are those due in the last day, lateness is that of the last hour."""
    vitals = read_vitals(runtime_of(ctx))
    if as_json:
        show_json(vitals)
        return
    for reason in _stops(vitals):
        show_line(reason_words(reason))
    platforms = sorted({one.platform for one in vitals.deliveries})
    counts = [
        (state_word(state), *(vitals.count(state, platform) for platform in platforms), vitals.count(state))
        for state in State
    ]
    show_table([_("state"), *platforms, _("all")], [row for row in counts if row[-1]])
    show_table(["", ""], _rest(vitals))


def _stops(vitals: Vitals) -> Iterator[str]:
    if vitals.stopped:
        yield vitals.stopped
    if vitals.clock_jump_s:
        yield JUMPED


def _rest(vitals: Vitals) -> Iterator[tuple[object, ...]]:
    late = vitals.lateness
    yield _("waits for a person"), sum(one.count for one in vitals.attention)
    yield _("oldest that is due and not sent"), _seconds(vitals.oldest_waiting_s)
    yield _("wait for a turn"), vitals.waiting_for_a_turn
    yield _("published in the last hour"), late.count
    yield _("lateness, mean"), _seconds(late.sum_s / late.count if late.count else 0.0)
    yield _("lateness, most"), _seconds(late.max_s)
    yield _("claims held"), vitals.claims_held
    yield _("claims lapsed"), vitals.claims_lapsed
    yield _("leading planner"), vitals.leader or "-"
    yield _("led last"), "-" if vitals.leader_age_s is None else _seconds(vitals.leader_age_s)
    if unread := [one.platform for one in vitals.attention if one.remedy is Remedy.RAISE_BUDGET]:
        yield _("counters not read, money spent"), ", ".join(unread)
    if vitals.standing_aside:
        yield _("clock off, sends nothing"), ", ".join(vitals.standing_aside)


def _seconds(number: float) -> str:
    return f"{number:.1f} s"
