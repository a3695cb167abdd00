"""Weeks of the roll-ups that are over, each summed up once: a report reads one row where it would add seven.

A channel's `weeks_until` in channel_standing says how far: its weeks that end by then are in reach_week. What
comes in later for one of their days takes it back to that day (rollups.add), and what was
summed up of weeks that end after it counts no more.
"""

from collections import defaultdict
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy import Table as SqlTable
from sqlalchemy.orm import Session

from scheduler.core.spans import Calendar, Span
from scheduler.store.columns import Instant
from scheduler.store.metrics.forms import forms
from scheduler.store.metrics.nearby import nearby
from scheduler.store.metrics.rollups import calendars_of, of_many
from scheduler.store.metrics.tables import CHANNEL_STANDING, REACH_DAY, REACH_WEEK
from scheduler.store.reach.stretch import Stretch, zone_of
from scheduler.store.tables import Channel

_KEYS = ("channel_id", "campaign_id", "form_id", "carried")
_STANDING = CHANNEL_STANDING.c
ONE_WEEK = timedelta(days=8)
"""One of seven days and an hour is still one."""


def sum_weeks(session: Session, organisation_id: int, *, until: datetime) -> int:
    """Sum up every week that was over at `until`, where it is not yet; of how many channels.

    For a transaction of its own, as the channels are locked.
    """
    calendar = Calendar(zone_of(session, organisation_id))
    over = _monday(calendar, until)
    behind = session.scalars(_behind(Channel.organisation_id == organisation_id, over)).all()
    if behind:
        calendars_of(session, behind)
        for since, ids in _by_week(session, behind, calendar).items():
            _sum_up(session, ids, _weeks(since, over, calendar))
        summed = update(CHANNEL_STANDING).where(of_many(session, _STANDING.channel_id, behind))
        session.execute(summed.values(weeks_until=over))
    return len(behind)


class Rolled(NamedTuple):
    """A channel, when it was added, and up to when its weeks are summed up."""

    channel_id: int
    created_at: datetime
    weeks_until: datetime | None


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels of an organisation, with its calendar."""

    calendar: Calendar
    rolled: Sequence[Rolled]

    def added_before(self, at: datetime) -> "Channels":
        """Those alone."""
        return Channels(self.calendar, [one for one in self.rolled if one.created_at < at])

    def only(self, ids: Container[int]) -> "Channels":
        """Those of these ids."""
        return Channels(self.calendar, [one for one in self.rolled if one.channel_id in ids])

    def summed_until(self, at: datetime) -> set[int]:
        """Those whose weeks are summed up until then."""
        return {one.channel_id for one in self.rolled if one.weeks_until and one.weeks_until >= at}

    def ids(self) -> set[int]:
        """All of them."""
        return {one.channel_id for one in self.rolled}


def rolled_channels(session: Session, organisation_id: int) -> Channels:
    """The channels of an organisation as they are now."""
    query = (
        select(Channel.id, Channel.created_at, _STANDING.weeks_until)
        .join(CHANNEL_STANDING, _STANDING.channel_id == Channel.id, isouter=True)
        .where(Channel.organisation_id == organisation_id)
    )
    calendar = Calendar(zone_of(session, organisation_id))
    return Channels(calendar, [Rolled(*row) for row in session.execute(query)])


def days_of(session: Session, stretch: Stretch, slots: int, channels: Channels) -> Iterator[Sequence[Any]]:
    """What the days of a stretch add up to, whole weeks from their sums.

    Rows of channel, campaign, form, carried, looks and the increments of so many slots; the same key may come
    more than once.
    """
    for rows, ids in _parts(stretch, slots, channels.added_before(stretch.ends_at)):
        found = rows.subquery()
        whose = nearby(session, found.c.channel_id, ids)
        yield from (row for row in session.execute(select(found).where(whose)).all() if row[0] in ids)


def _parts(stretch: Stretch, slots: int, channels: Channels) -> Iterator[tuple[Select[Any], set[int]]]:
    """What to ask of which channels; days are first added up, so that far fewer rows are looked through."""
    weeks, every = _whole_weeks(stretch, channels), channels.ids()
    if weeks is None:
        yield _days(stretch.starts_at, stretch.ends_at, slots), every
        return
    summed = channels.summed_until(weeks.ends_at)
    yield _weeks_of(weeks, slots), summed
    for starts_at, ends_at in ((stretch.starts_at, weeks.starts_at), (weeks.ends_at, stretch.ends_at)):
        if starts_at < ends_at:
            yield _days(starts_at, ends_at, slots), every
    if behind := every - summed:
        yield _days(weeks.starts_at, weeks.ends_at, slots), behind


def _whole_weeks(stretch: Stretch, channels: Channels) -> Span | None:
    """The whole weeks of a stretch that are summed up for any channel."""
    last = max((one.weeks_until for one in channels.rolled if one.weeks_until), default=None)
    if last is None:
        return None
    week = channels.calendar.spans(stretch.starts_at).around[0]
    starts_at = week.starts_at if week.starts_at == stretch.starts_at else week.ends_at
    ends_at = _monday(channels.calendar, min(last, stretch.ends_at))
    return Span(starts_at=starts_at, ends_at=ends_at) if starts_at < ends_at else None


def _days(starts_at: datetime, ends_at: datetime, slots: int) -> Select[Any]:
    day = REACH_DAY.c.day_at
    return _added_up(REACH_DAY, slots).where(day >= starts_at, day < ends_at)


def _weeks_of(weeks: Span, slots: int) -> Select[Any]:
    """Sums of weeks; those of a single one need no adding up."""
    week = REACH_WEEK.c
    alone = weeks.ends_at - weeks.starts_at < ONE_WEEK
    columns = [week[name] for name in (*_KEYS, *_counters(slots))]
    rows = select(*columns) if alone else _added_up(REACH_WEEK, slots)
    return rows.where(week.week_at >= weeks.starts_at, week.week_at < weeks.ends_at)


def _added_up(table: SqlTable, slots: int) -> Select[Any]:
    keys = [table.c[name] for name in _KEYS]
    sums = (cast(func.sum(table.c[name]), BigInteger).label(name) for name in _counters(slots))
    return select(*keys, *sums).group_by(*keys)


def _counters(slots: int) -> tuple[str, ...]:
    return ("looks", *(f"n{slot}" for slot in range(slots)))


def _sum_up(session: Session, channel_ids: Collection[int], weeks: Sequence[Span]) -> None:
    week, day = REACH_WEEK.c, REACH_DAY.c
    if not weeks:
        return
    outdated = (of_many(session, week.channel_id, channel_ids), week.week_at >= weeks[0].starts_at)
    session.execute(delete(REACH_WEEK).where(*outdated))
    slots = max((len(form.metrics) for form in forms(session).values()), default=0)
    names = ["week_at", *_KEYS, *_counters(slots)]
    for span in weeks:
        days = (
            day.day_at >= span.starts_at,
            day.day_at < span.ends_at,
            of_many(session, day.channel_id, channel_ids),
        )
        summed = _added_up(REACH_DAY, slots).where(*days).subquery()
        session.execute(
            insert(REACH_WEEK).from_select(names, select(literal(span.starts_at, Instant()), summed))
        )


def _by_week(
    session: Session, channel_ids: Collection[int], calendar: Calendar
) -> Mapping[datetime, list[int]]:
    """The channels by the first week that has to be summed up; without those that were never looked at."""
    first = session.scalar(select(func.min(REACH_DAY.c.day_at)))
    found: dict[datetime, list[int]] = defaultdict(list)
    known = select(_STANDING.channel_id, _STANDING.weeks_until).where(
        of_many(session, _STANDING.channel_id, channel_ids)
    )
    for id_, until in session.execute(known):
        if since := until or first:
            found[_monday(calendar, since)].append(id_)
    return found


def _behind(channels: ColumnElement[bool], at: datetime) -> Select[int]:
    """Those of the channels whose weeks are not summed up until an instant."""
    standing = _STANDING.channel_id == Channel.id
    summed = _STANDING.weeks_until >= at
    return (
        select(Channel.id)
        .join(CHANNEL_STANDING, standing & summed, isouter=True)
        .where(channels, _STANDING.channel_id.is_(None))
    )


def _weeks(since: datetime, until: datetime, calendar: Calendar) -> list[Span]:
    found = []
    while since < until:
        found.append(calendar.spans(since).around[0])
        since = found[-1].ends_at
    return found


def _monday(calendar: Calendar, at: datetime) -> datetime:
    """When the week of an instant began."""
    return calendar.spans(at).around[0].starts_at
