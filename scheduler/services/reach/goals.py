"""Goals of the centre: set, changed with a reason, imported, followed and frozen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from scheduler.core import goal_cells
from scheduler.core.catalogue import Catalogue, definitions
from scheduler.core.cells import Fault, optional_name, read_cells
from scheduler.core.goals import FOLLOWERS, Aim, Moment
from scheduler.core.headings import check_headings, in_order, missing_columns, without_missing
from scheduler.core.problems import Problem, Refused, refuse
from scheduler.core.progress import Closed, Goal, Progress, TargetChange
from scheduler.core.roles import Person, Right
from scheduler.core.wording import N_
from scheduler.services.channels.matrix import channels_of
from scheduler.services.reach.progress import follow
from scheduler.services.reach.viewing import still_view
from scheduler.services.runtime import Runtime
from scheduler.services.spreadsheets import read_sheet
from scheduler.store.reach import goals as store
from scheduler.store.reach.stretch import zone_of

READERS = {
    "year": goal_cells.read_year,
    "measure": goal_cells.read_measure,
    "slice": goal_cells.read_slice,
    "target": goal_cells.read_target,
    "phases": goal_cells.read_phases,
    "reason": optional_name,
}
NOT_YET = {
    Moment.MID_YEAR: N_("mid-year of {year} has not come yet"),
    Moment.YEAR_END: N_("the end of {year} has not come yet"),
}
REQUIRED, OPTIONAL = ("year", "measure", "target"), ("slice", "phases", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A target somebody wants; `row` is where it stands in a table."""

    aim: Aim
    target: int | None
    phases: tuple[int, ...]
    reason: str
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """How many goals are new, have another target now, and stay as they were."""

    added: int
    changed: int
    unchanged: int


def set_goal(runtime: Runtime, cells: Mapping[str, str], *, by: Person) -> Stored:
    """Set one target by its cells (see READERS), or Refused with every reason why not."""
    by.require(Right.AIM)
    wish, problems = _wish(None, cells)
    return _store(runtime, [wish] if wish else [], problems, by=by)


def withdraw_goal(runtime: Runtime, cells: Mapping[str, str], *, by: Person) -> None:
    """Follow a goal no longer; its history stays."""
    by.require(Right.AIM)
    wish, problems = _wish(None, {**cells, "target": "1"})
    if wish is None:
        raise Refused(problems)
    with runtime.begin() as session:
        known = store.find_goal(session, runtime.organisation_id, wish.aim)
        if known is None or known.target is None:
            raise refuse(N_("there is no such goal: see postroad goals list"))
    _store(runtime, [replace(wish, target=None)], problems, by=by)


def import_goals(runtime: Runtime, path: Path, *, by: Person) -> Stored:
    """Set the targets of a CSV or XLSX table: all of it, or Refused with every problem of every row."""
    by.require(Right.AIM)
    sheet = read_sheet(path)
    read = [_wish(row.number, row.cells) for row in sheet.rows]
    faults = [*sheet.problems, *(problem for _, found in read for problem in found)]
    missing = missing_columns(sheet.headings, REQUIRED)
    problems = check_headings(sheet.headings, required=REQUIRED, optional=OPTIONAL)
    wishes = [wish for wish, _ in read if wish]
    return _store(runtime, wishes, problems + without_missing(faults, missing) + _repeats(wishes), by=by)


def histories(runtime: Runtime, *, year: int | None = None) -> list[Goal]:
    """Every target that the goals of a year, or of all years, ever had."""
    with runtime.begin() as session:
        return store.goals_of(session, runtime.organisation_id, year=year)


def freeze_goals(runtime: Runtime, year: int, moment: Moment, *, by: Person) -> list[Goal]:
    """Write down what was reached of each goal of the year by that moment; what is frozen stays as it is.

    Refused before the moment has come.
    """
    by.require(Right.AIM)
    now = runtime.clock.now()
    with still_view(runtime) as session:
        at = moment.at(year, zone_of(session, runtime.organisation_id))
        if now < at:
            raise refuse(NOT_YET[moment], year=year)
        ids = {goal.aim: goal.id for goal in store.goals_of(session, runtime.organisation_id, year=year)}
        for progress in follow(session, runtime, year, as_of=at):
            closed = _closed(progress, moment, by=by, now=now)
            store.freeze(session, ids[progress.aim], closed, member_id=by.id)
        return store.goals_of(session, runtime.organisation_id, year=year)


def _closed(progress: Progress, moment: Moment, *, by: Person, now: datetime) -> Closed:
    return Closed(
        moment=moment,
        as_of=progress.as_of,
        target=progress.target,
        plan=progress.plan.value,
        value=progress.actual,
        definitions=progress.definitions,
        by=by.name,
        frozen_at=now,
    )


def _wish(row: int | None, cells: Mapping[str, str]) -> tuple[Wish | None, list[Problem]]:
    values, problems = read_cells(row or 0, cells, READERS)
    if not problems:
        dimension, key = values["slice"]
        if dimension == "campaign" and values["measure"] == FOLLOWERS:
            problems = [Fault(N_("campaigns have no followers")).at(row or 0, "slice")]
    if problems:
        return None, [problem if row else replace(problem, row=None) for problem in problems]
    aim = Aim(year=values["year"], measure=values["measure"], dimension=dimension, key=key)
    wish = Wish(aim=aim, target=values["target"], phases=values["phases"], reason=values["reason"], row=row)
    return wish, []


def _repeats(wishes: Iterable[Wish]) -> list[Problem]:
    seen: dict[Aim, int | None] = {}
    found = []
    for wish in wishes:
        if wish.aim in seen:
            message = N_("the same goal stands in row {row} already")
            found.append(Problem(message=message, params={"row": seen[wish.aim] or 0}, row=wish.row))
        seen.setdefault(wish.aim, wish.row)
    return found


def _store(runtime: Runtime, wishes: Sequence[Wish], problems: list[Problem], *, by: Person) -> Stored:
    with runtime.begin() as session:
        known = {goal.aim: goal for goal in store.goals_of(session, runtime.organisation_id)}
        problems = problems + _strangers(session, runtime, wishes) + _unexplained(wishes, known)
        if problems:
            raise Refused(in_order(problems))
        changed = [wish for wish in wishes if _differs(wish, known.get(wish.aim))]
        for wish in changed:
            change = TargetChange(
                target=wish.target,
                phases=wish.phases,
                set_at=runtime.clock.now(),
                by=by.name,
                reason=wish.reason,
            )
            store.set_target(session, runtime.organisation_id, wish.aim, change, member_id=by.id)
    added = sum(wish.aim not in known for wish in changed)
    return Stored(added=added, changed=len(changed) - added, unchanged=len(wishes) - len(changed))


def _differs(wish: Wish, known: Goal | None) -> bool:
    return known is None or (wish.target, wish.phases) != (known.target, known.phases)


def _unexplained(wishes: Iterable[Wish], known: Mapping[Aim, Goal]) -> list[Problem]:
    """A target that is there already is changed only with a reason."""
    return [
        Problem(
            message=N_("the target is {target} so far: say why it changes"),
            params={"target": str(known[wish.aim].target or "-")},
            row=wish.row,
            column="reason",
        )
        for wish in wishes
        if wish.aim in known and _differs(wish, known[wish.aim]) and not wish.reason
    ]


def _strangers(session: Session, runtime: Runtime, wishes: Iterable[Wish]) -> list[Problem]:
    """Goals for a platform, channel or metric that is not there; a campaign may begin later."""
    catalogue = runtime.catalogue
    channels = {channel.name for channel in channels_of(session, runtime.organisation_id)}
    found = []
    for wish in wishes:
        known = {"platform": set(catalogue), "channel": channels}.get(wish.aim.dimension)
        if known is not None and wish.aim.key not in known:
            found.append(_stranger(N_("there is no {name} here"), wish.aim.slice, wish.row, "slice"))
        if wish.aim.exposure and wish.aim.exposure not in _exposures(catalogue):
            message = N_("no connector reports {name}: see postroad platforms")
            found.append(_stranger(message, wish.aim.measure, wish.row, "measure"))
    return found


def _stranger(message: str, name: str, row: int | None, column: str) -> Problem:
    return Problem(message=message, params={"name": name}, row=row, column=column)


def _exposures(catalogue: Catalogue) -> set[tuple[str, str]]:
    return {
        (platform, metric.name)
        for platform in catalogue
        for metric in definitions(catalogue, platform, "publication")
        if metric.family == "exposure"
    }
