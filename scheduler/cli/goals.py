"""`postroad goals`: yearly targets, how far they have come, and what is frozen of them."""

from pathlib import Path

import typer

from scheduler.cli.acting import AS, acting_member
from scheduler.cli.app import app, runtime_of, settings_of
from scheduler.cli.console import JSON, show_json, show_line, show_table
from scheduler.cli.moments import clock_in
from scheduler.cli.wording import LANGUAGE, _
from scheduler.core.catalogue import titles
from scheduler.core.goals import FIRST_YEAR, LAST_YEAR, Aim, Moment
from scheduler.core.progress import Goal
from scheduler.core.wording import N_
from scheduler.reports.words import goal_words
from scheduler.reports.words.wording import Words
from scheduler.services.reach import goals as setting
from scheduler.services.reach.progress import list_goals
from scheduler.services.runtime import Runtime

goals = typer.Typer(no_args_is_help=True)
app.add_typer(goals, name="goals")

NO_GOALS = N_("There are no goals for this year: postroad goals set.")
YEAR = typer.Argument(metavar="YEAR", help=_("the year such as 2026"))
MEASURE = typer.Argument(
    metavar="MEASURE",
    help=_("publications, responses, reactions, comments, shares, followers, or exposure:PLATFORM/METRIC"),
)
SLICE = typer.Option(
    "",
    "--slice",
    help=_("what it is about, such as language=ar, channel=…, campaign=…; default the whole matrix"),
)
WHY = typer.Option("", "--reason", help=_("why; needed to change a target that is there"))


@goals.command("set", help=_("Set a yearly target, or change it; what it was before is kept."))
def set_(
    ctx: typer.Context,
    year: str = YEAR,
    measure: str = MEASURE,
    target: str = typer.Argument(metavar="TARGET", help=_("a whole number above 0")),
    *,
    where: str = SLICE,
    phases: str = typer.Option(
        "", help=_("percentages of the 4 quarters or 12 months, such as 20,25,25,30; default even")
    ),
    reason: str = WHY,
    acting: str | None = AS,
) -> None:
    """A target says where a level ends, or what the year adds up to."""
    runtime = runtime_of(ctx)
    cells = {"year": year, "measure": measure, "slice": where, "target": target}
    cells |= {"phases": phases, "reason": reason}
    _show_stored(setting.set_goal(runtime, cells, by=acting_member(ctx, runtime, acting)))


@goals.command("withdraw", help=_("Follow a goal no longer; its history stays."))
def withdraw(
    ctx: typer.Context,
    year: str = YEAR,
    measure: str = MEASURE,
    where: str = SLICE,
    reason: str = typer.Option(..., help=_("why")),
    acting: str | None = AS,
) -> None:
    """It leaves the reports that are built from now on."""
    runtime = runtime_of(ctx)
    cells = {"year": year, "measure": measure, "slice": where, "reason": reason}
    setting.withdraw_goal(runtime, cells, by=acting_member(ctx, runtime, acting))
    show_line(_("Withdrawn."))


@goals.command("import", help=_("Set the targets of a CSV or XLSX table: all of it, or nothing."))
def import_(
    ctx: typer.Context,
    path: Path = typer.Argument(metavar="TABLE", help=_("a CSV or XLSX file: year, measure, target, …")),
    acting: str | None = AS,
) -> None:
    """Columns: year, measure, target, and if wanted slice, phases, reason."""
    runtime = runtime_of(ctx)
    _show_stored(setting.import_goals(runtime, path, by=acting_member(ctx, runtime, acting)))


@goals.command("list", help=_("List the goals of a year with plan, figures so far and where it may end."))
def list_(
    ctx: typer.Context,
    year: int | None = typer.Option(None, min=FIRST_YEAR, max=LAST_YEAR, help=_("default this year")),
    history: bool = typer.Option(False, "--history", help=_("every target there was, by whom and why")),
    as_json: bool = JSON,
) -> None:
    """As of now; a report freezes what held at the end of its period."""
    runtime = runtime_of(ctx)
    if history:
        _show_histories(ctx, runtime, year, as_json=as_json)
        return
    found = list_goals(runtime, year=year)
    if as_json:
        show_json(found)
        return
    if not found:
        show_line(_(NO_GOALS))
        return
    words = Words(LANGUAGE)
    rows = [goal_words.line(one, words, titles(runtime.catalogue)) for one in found]
    show_table([_(column) for column in goal_words.COLUMNS], rows)


@goals.command("freeze", help=_("Write down for good what was reached by mid-year or by the year's end."))
def freeze(
    ctx: typer.Context,
    year: int = typer.Argument(
        metavar="YEAR", min=FIRST_YEAR, max=LAST_YEAR, help=_("the year such as 2026")
    ),
    moment: Moment = typer.Argument(metavar="MOMENT", help=_("mid-year or year-end")),
    acting: str | None = AS,
    as_json: bool = JSON,
) -> None:
    """What is frozen stays, whatever moves later; freezing again adds goals that were not."""
    runtime = runtime_of(ctx)
    found = setting.freeze_goals(runtime, year, moment, by=acting_member(ctx, runtime, acting))
    if as_json:
        show_json(found)
        return
    if not found:
        show_line(_(NO_GOALS))
        return
    zone, words = settings_of(ctx).time_zone, Words(LANGUAGE)
    rows = [
        (
            _name(goal.aim, runtime),
            words.number(one.target),
            goal_words.told(one.value, words),
            clock_in(one.as_of, zone),
            clock_in(one.frozen_at, zone),
            one.by,
        )
        for goal in found
        for one in goal.closed
        if one.moment is moment
    ]
    show_table([_("Goal"), _("Target"), _("Reached"), _("as of"), _("frozen"), _("by")], rows)


def _show_stored(stored: setting.Stored) -> None:
    told = _("Goals: {added} added, {changed} changed, {unchanged} unchanged")
    show_line(told.format(added=stored.added, changed=stored.changed, unchanged=stored.unchanged))


def _show_histories(ctx: typer.Context, runtime: Runtime, year: int | None, *, as_json: bool) -> None:
    found = setting.histories(runtime, year=year)
    if as_json:
        show_json(found)
        return
    if not found:
        show_line(_(NO_GOALS))
        return
    zone = settings_of(ctx).time_zone
    rows = [row for goal in found for row in _history(goal, runtime, zone)]
    show_table([_("year"), _("Goal"), _("Target"), _("shares"), _("set"), _("by"), _("why")], rows)


def _history(goal: Goal, runtime: Runtime, viewer_zone: str) -> list[tuple[object, ...]]:
    return [
        (
            goal.aim.year,
            _name(goal.aim, runtime),
            _("withdrawn") if change.target is None else Words(LANGUAGE).number(change.target),
            ", ".join(f"{share / 100:g}" for share in change.phases) or _("even"),
            clock_in(change.set_at, viewer_zone),
            change.by,
            change.reason,
        )
        for change in goal.changes
    ]


def _name(aim: Aim, runtime: Runtime) -> str:
    return goal_words.goal_name(aim, Words(LANGUAGE), titles(runtime.catalogue))
