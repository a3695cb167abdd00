"""How far the goals of a year have come: pure, from the facts of the year so far and of its weeks."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cache
from itertools import dropwhile
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from connectors.capabilities import MetricDefinition
from scheduler.core import goals
from scheduler.core.catalogue import Catalogue, common_metrics, definitions, follower_metric, of_family
from scheduler.core.facts import LevelFact, MovementFact, ReadingFact
from scheduler.core.figures import Figure, Reason, absent, add_up, exactly
from scheduler.core.gains import PUBLISHED, Gain
from scheduler.core.goals import FOLLOWERS, Aim
from scheduler.core.outlook import Band, outlook
from scheduler.core.progress import Goal, Progress
from scheduler.reports.dataset import Dimension
from scheduler.reports.figures.audience import audience, follows_of
from scheduler.reports.figures.cells import Cell, cells_of
from scheduler.reports.figures.responses import FAMILIES
from scheduler.reports.figures.slicing import Matrix, Placed, Slice

WEEK = timedelta(weeks=1)
PUBLICATIONS = "publications"

Choice: TypeAlias = Callable[[str], Sequence[MetricDefinition]]


class LiveFact(NamedTuple):
    """How many publications of a channel and campaign went live in the year so far."""

    channel_id: int
    campaign: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class YearFacts:
    """What the books say of a year so far, no more than goals ask for; see Facts."""

    starts_at: datetime
    publications: tuple[LiveFact, ...]
    readings: tuple[ReadingFact, ...]
    movements: tuple[MovementFact, ...]
    levels: tuple[LevelFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class YearSoFar:
    """What is known of a calendar year up to `as_of`: in one piece, and week by week back from there.

    `gains`, by metric, and `levels` are those of the `weeks` whole weeks, the oldest first.
    """

    year: int
    zone: ZoneInfo
    as_of: datetime
    matrix: Matrix
    catalogue: Catalogue
    facts: YearFacts
    weeks: int
    gains: Mapping[str, Sequence[Gain]]
    levels: Sequence[Sequence[LevelFact]]


@dataclass(frozen=True, slots=True)
class Field:
    """What a goal is about: the facts that lie in its slice of the matrix."""

    place: Slice
    channels: Collection[int]

    def holds(self, fact: Placed) -> bool:
        """True for a fact about it."""
        if self.place[0] is Dimension.CAMPAIGN:
            return fact.campaign == self.place[1]
        return fact.channel_id in self.channels


def progress_of(goal_list: Sequence[Goal], year: YearSoFar) -> tuple[Progress, ...]:
    """The progress of each goal that was not withdrawn, in their order."""
    cells = cells_of(year.matrix, year.catalogue, year.facts)
    return tuple(_progress(goal, goal.target, year, cells) for goal in goal_list if goal.target is not None)


def _progress(goal: Goal, target: int, year: YearSoFar, cells: Sequence[Cell]) -> Progress:
    field = _field(goal.aim, year.matrix)
    start, actual = _reached(goal.aim, field, year, cells)
    share = goals.share_by(year.as_of, year.year, goal.phases, year.zone)
    return Progress(
        aim=goal.aim,
        as_of=year.as_of,
        target=target,
        phases=goal.phases,
        start=start,
        plan=_plan(target, share, start),
        actual=actual,
        band=_band(goal.aim, field, actual, year),
        definitions=_definitions(goal.aim, field, year),
        changes=goal.changes,
        closed=goal.closed,
    )


def _field(aim: Aim, matrix: Matrix) -> Field:
    place = (Dimension(aim.dimension), aim.key)
    return Field(place, {id_ for id_ in matrix.channels if place in matrix.slices[id_]})


def _definitions(aim: Aim, field: Field, year: YearSoFar) -> tuple[str, ...]:
    """`platform/metric version` of every metric behind a figure; none for what our own books count."""
    everywhere = field.place[0] is Dimension.CAMPAIGN
    channels = year.matrix.channels
    platforms = {channels[id_].platform for id_ in (channels if everywhere else field.channels)}
    choose = _choice(aim, year.catalogue)
    return tuple(
        f"{platform}/{metric.name} {metric.version}"
        for platform in sorted(platforms)
        for metric in choose(platform)
    )


def _plan(target: int, share: Fraction, start: Figure) -> Figure:
    """Where it should be; the way of a level whose start nobody read is not known before its end."""
    if share == 1:
        return exactly(target)
    if start.value is None:
        return absent(start.reason or Reason.NOT_READ)
    return exactly(goals.planned_by(target, share, start=start.value))


def _reached(aim: Aim, field: Field, year: YearSoFar, cells: Sequence[Cell]) -> tuple[Figure, Figure]:
    """(where a goal began, where it is now); what is added up begins at 0."""
    if aim.measure == FOLLOWERS:
        return _followers(field, year)
    if aim.measure == PUBLICATIONS:
        return exactly(0), _published(field, year)
    if aim.exposure and _redefined(aim.exposure, cells):
        return exactly(0), absent(Reason.DEFINITION_CHANGED)
    choose = cache(_choice(aim, year.catalogue))
    return exactly(0), add_up(cell.part(choose(cell.platform)) for cell in cells if field.holds(cell))


def _published(field: Field, year: YearSoFar) -> Figure:
    """What went live; before there was any channel nobody knows that it was nothing."""
    if not year.matrix.channels:
        return absent(Reason.NOTHING_TO_READ)
    return exactly(sum(fact.amount for fact in year.facts.publications if field.holds(fact)))


def _followers(field: Field, year: YearSoFar) -> tuple[Figure, Figure]:
    facts = year.facts
    every = follows_of(year.matrix, year.catalogue, facts.levels, since=facts.starts_at)
    level = audience([one for one in every if field.holds(one)])[FOLLOWERS]
    return level.before or absent(Reason.NOTHING_TO_READ), level.now


def _redefined(exposure: tuple[str, str], cells: Sequence[Cell]) -> bool:
    """True when the platform changed within the year what it counts: the two do not add up."""
    found = {
        fact.definition
        for cell in cells
        for fact in cell.movements
        if (cell.platform, fact.metric) == exposure
    }
    return len(found) > 1


def _band(aim: Aim, field: Field, actual: Figure, year: YearSoFar) -> Band | None:
    """By the weeks since there was anything: those before the first are no weeks of 0."""
    left = goals.ends_at(year.year, year.zone) - year.as_of
    if actual.value is None or left <= timedelta():
        return None
    weekly = _organic(field, year) if aim.level else _gained(aim, field, year)
    since = list(dropwhile(lambda brought: not brought, weekly))
    return outlook(actual.value, since, weeks_left=left / WEEK, falls=aim.level)


def _organic(field: Field, year: YearSoFar) -> list[int]:
    """What moved the followers of these channels by itself, week by week."""
    return [sum(fact.organic for fact in week if fact.channel_id in field.channels) for week in year.levels]


def _gained(aim: Aim, field: Field, year: YearSoFar) -> list[int]:
    """What the weeks brought of what is added up."""
    choose, channels, weekly = _choice(aim, year.catalogue), year.matrix.channels, [0] * year.weeks
    counted = {(platform, metric.name) for platform in year.catalogue for metric in choose(platform)}
    ours = aim.measure == PUBLICATIONS
    for name in {PUBLISHED} if ours else {name for _, name in counted}:
        for gain in year.gains.get(name, ()):
            if (ours or (channels[gain.channel_id].platform, name) in counted) and field.holds(gain):
                weekly[gain.week] += gain.amount
    return weekly


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
