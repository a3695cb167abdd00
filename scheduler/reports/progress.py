"""How far the goals of a year have come: pure, from the facts of the year so far and of its weeks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import dropwhile
from typing import TypeAlias
from zoneinfo import ZoneInfo

from connectors.capabilities import MetricDefinition
from scheduler.core import goals
from scheduler.core.catalogue import Catalogue, common_metrics, definitions, follower_metric, of_family
from scheduler.core.facts import Facts
from scheduler.core.figures import Figure, Reason, absent, add_up, exactly
from scheduler.core.goals import FOLLOWERS, Aim
from scheduler.core.outlook import Band, outlook
from scheduler.core.progress import Goal, Progress
from scheduler.reports.audience import audience_rows
from scheduler.reports.cells import cells_of
from scheduler.reports.dataset import Dimension, Measured
from scheduler.reports.responses import FAMILIES
from scheduler.reports.slicing import Matrix, Placed, Presence, Slice

WEEK = timedelta(weeks=1)
PUBLICATIONS = "publications"

Choice: TypeAlias = Callable[[str], Sequence[MetricDefinition]]


@dataclass(frozen=True, slots=True, kw_only=True)
class YearSoFar:
    """What is known of a calendar year up to `as_of`: in one piece, and week by week back from there."""

    year: int
    zone: ZoneInfo
    as_of: datetime
    matrix: Matrix
    catalogue: Catalogue
    facts: Facts
    weeks: tuple[Facts, ...]


def progress_of(goal_list: Sequence[Goal], year: YearSoFar) -> tuple[Progress, ...]:
    """The progress of each goal that was not withdrawn, in their order."""
    return tuple(_progress(goal, goal.target, year) for goal in goal_list if goal.target is not None)


def definitions_of(aim: Aim, matrix: Matrix, catalogue: Catalogue) -> tuple[str, ...]:
    """`platform/metric version` of every metric behind a figure; none for what our own books count."""
    place = _place(aim)
    platforms = sorted(
        {
            channel.platform
            for channel in matrix.channels.values()
            if place[0] is Dimension.CAMPAIGN or place in matrix.slices_of(Presence(channel.id))
        }
    )
    choose = _choice(aim, catalogue)
    return tuple(
        f"{platform}/{metric.name} {metric.version}" for platform in platforms for metric in choose(platform)
    )


def _progress(goal: Goal, target: int, year: YearSoFar) -> Progress:
    start, actual = reached(goal.aim, year.matrix, year.catalogue, year.facts)
    share = goals.share_by(year.as_of, year.year, goal.phases, year.zone)
    return Progress(
        aim=goal.aim,
        as_of=year.as_of,
        target=target,
        phases=goal.phases,
        start=start,
        plan=_plan(target, share, start),
        actual=actual,
        band=_band(goal.aim, actual, year),
        definitions=definitions_of(goal.aim, year.matrix, year.catalogue),
        changes=goal.changes,
        closed=goal.closed,
    )


def _plan(target: int, share: Fraction, start: Figure) -> Figure:
    """Where it should be; the way of a level whose start nobody read is not known before its end."""
    if share == 1:
        return exactly(target)
    if start.value is None:
        return absent(start.reason or Reason.NOT_READ)
    return exactly(goals.planned_by(target, share, start=start.value))


def reached(aim: Aim, matrix: Matrix, catalogue: Catalogue, facts: Facts) -> tuple[Figure, Figure]:
    """(where a goal began, where it is at the end of these facts); what is added up begins at 0."""
    place = _place(aim)
    if aim.measure == FOLLOWERS:
        return _followers(place, matrix, catalogue, facts)
    if aim.measure == PUBLICATIONS:
        return exactly(0), exactly(len(matrix.cut(facts.publications).get(place, [])))
    cells = matrix.cut(cells_of(matrix, catalogue, facts)).get(place, [])
    if aim.exposure and _redefined(aim.exposure, matrix, facts):
        return exactly(0), absent(Reason.DEFINITION_CHANGED)
    choose = _choice(aim, catalogue)
    return exactly(0), add_up(cell.part(choose(cell.platform)) for cell in cells)


def _followers(place: Slice, matrix: Matrix, catalogue: Catalogue, facts: Facts) -> tuple[Figure, Figure]:
    rows: Mapping[Slice, Measured] = {
        (row.dimension, row.key): row.measures[FOLLOWERS] for row in audience_rows(matrix, catalogue, facts)
    }
    nothing = absent(Reason.NOTHING_TO_READ)
    level = rows.get(place, Measured(now=nothing, before=nothing))
    return level.before or nothing, level.now


def _redefined(exposure: tuple[str, str], matrix: Matrix, facts: Facts) -> bool:
    """True when the platform changed within the year what it counts: the two do not add up."""
    platform, metric = exposure
    found = {
        fact.definition
        for fact in matrix.own(facts.movements)
        if fact.metric == metric and matrix.channels[fact.channel_id].platform == platform
    }
    return len(found) > 1


def _band(aim: Aim, actual: Figure, year: YearSoFar) -> Band | None:
    """By the weeks since there was anything: those before the first are no weeks of 0."""
    left = goals.ends_at(year.year, year.zone) - year.as_of
    if actual.value is None or left <= timedelta():
        return None
    weekly = [_brought(aim, year.matrix, year.catalogue, week) for week in year.weeks]
    since = list(dropwhile(lambda brought: not brought, weekly))
    return outlook(actual.value, since, weeks_left=left / WEEK, falls=aim.level)


def _brought(aim: Aim, matrix: Matrix, catalogue: Catalogue, week: Facts) -> int:
    place = _place(aim)

    def within(fact: Placed) -> bool:
        return place in matrix.slices_of(fact)

    if aim.measure == FOLLOWERS:
        here = {channel for channel in matrix.channels if within(Presence(channel))}
        return sum(fact.organic for fact in week.levels if fact.channel_id in here)
    if aim.measure == PUBLICATIONS:
        return sum(map(within, matrix.own(week.publications)))
    choose = _choice(aim, catalogue)
    counted = {(platform, metric.name) for platform in catalogue for metric in choose(platform)}
    return sum(
        fact.increment
        for fact in matrix.own(week.movements)
        if (matrix.channels[fact.channel_id].platform, fact.metric) in counted and within(fact)
    )


def _choice(aim: Aim, catalogue: Catalogue) -> Choice:
    """Which metrics of a platform count towards the aim."""
    exposure = aim.exposure

    def choose(platform: str) -> Sequence[MetricDefinition]:
        if exposure:
            return [
                metric
                for metric in definitions(catalogue, platform, "publication")
                if (platform, metric.name) == exposure
            ]
        if aim.measure == FOLLOWERS:
            followers = follower_metric(catalogue, platform)
            return [followers] if followers else []
        if aim.measure in FAMILIES:
            return of_family(catalogue, platform, FAMILIES[aim.measure])
        return common_metrics(catalogue, platform) if aim.measure == "responses" else ()

    return choose


def _place(aim: Aim) -> Slice:
    return Dimension(aim.dimension), aim.key
