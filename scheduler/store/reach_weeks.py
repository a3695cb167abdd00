"""Weeks of the roll-ups that are over, each summed up once: a report reads one row where it would add seven.

A channel's `weeks_until` in channel_standing says how far: its weeks that end by then are in reach_week. What
comes in later for one of their days takes it back to that day (scheduler.store.rollups.add), and what was
summed up of weeks that end after it counts no more.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

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
from scheduler.store.reach_tables import CHANNEL_STANDING, REACH_DAY, REACH_WEEK, SLOTS
from scheduler.store.rollups import calendars_of, of_many
from scheduler.store.stretch import Stretch, zone_of
from scheduler.store.tables import Channel

_KEYS = ("channel_id", "campaign_id", "form_id", "carried")
_STANDING = CHANNEL_STANDING.c
ONE_WEEK = timedelta(days=8)
"""One of seven days and an hour is still one."""

Whose = Callable[[Any], ColumnElement[bool]]


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


def days_of(session: Session, stretch: Stretch, slots: int) -> Iterator[Sequence[Any]]:
    """What the days of a stretch add up to, whole weeks from their sums.

    Rows of channel, campaign, form, carried, looks and the increments of so many slots; the same key may come
    more than once.
    """
    for statement in _parts(session, stretch, slots):
        yield from session.execute(statement)


def _parts(session: Session, stretch: Stretch, slots: int) -> Iterator[Select[Any]]:
    weeks, all_summed = _whole_weeks(session, stretch)
    if weeks is None:
        yield _days(stretch.starts_at, stretch.ends_at, slots, stretch.of_matrix)
        return
    yield _sums(weeks, slots, stretch.of_matrix if all_summed else _summed_until(stretch, weeks.ends_at))
    for starts_at, ends_at in ((stretch.starts_at, weeks.starts_at), (weeks.ends_at, stretch.ends_at)):
        if starts_at < ends_at:
            yield _days(starts_at, ends_at, slots, stretch.of_matrix)
    if not all_summed:
        behind = session.scalars(_behind(stretch.matrix(), weeks.ends_at)).all()
        yield _days(
            weeks.starts_at, weeks.ends_at, slots, lambda channel_id: of_many(session, channel_id, behind)
        )


def _whole_weeks(session: Session, stretch: Stretch) -> tuple[Span | None, bool]:
    """The whole weeks of a stretch that are summed up for any channel of it, and whether they are for all."""
    until, standing = _STANDING.weeks_until, _STANDING.channel_id == Channel.id
    last, first = session.execute(
        select(func.max(until), func.min(func.coalesce(until, stretch.starts_at)))
        .select_from(Channel)
        .join(CHANNEL_STANDING, standing, isouter=True)
        .where(stretch.matrix())
    ).one()
    if last is None:
        return None, False
    calendar = Calendar(zone_of(session, stretch.organisation_id))
    week = calendar.place(stretch.starts_at).around[0]
    starts_at = week.starts_at if week.starts_at == stretch.starts_at else week.ends_at
    ends_at = _monday(calendar, min(last, stretch.ends_at))
    weeks = Span(starts_at=starts_at, ends_at=ends_at) if starts_at < ends_at else None
    return weeks, first >= ends_at


def _summed_until(stretch: Stretch, at: datetime) -> Whose:
    """The condition that a channel id is one of the matrix whose weeks are summed up until an instant."""
    known = select(Channel.id).join(CHANNEL_STANDING, _STANDING.channel_id == Channel.id)
    known = known.where(stretch.matrix(), _STANDING.weeks_until >= at)
    return lambda channel_id: channel_id.in_(known)


def _days(starts_at: datetime, ends_at: datetime, slots: int, whose: Whose) -> Select[Any]:
    """Days summed up, then those of some channels: far fewer rows are looked up so."""
    day = REACH_DAY.c.day_at
    summed = _added_up(REACH_DAY, slots).where(day >= starts_at, day < ends_at).subquery()
    return select(summed).where(whose(summed.c.channel_id))


def _sums(weeks: Span, slots: int, whose: Whose) -> Select[Any]:
    """Sums of weeks, as `_days`; those of a single week need no adding up."""
    week = REACH_WEEK.c
    alone = weeks.ends_at - weeks.starts_at < ONE_WEEK
    columns = [week[name] for name in (*_KEYS, *_counters(slots))]
    rows = select(*columns) if alone else _added_up(REACH_WEEK, slots)
    summed = rows.where(week.week_at >= weeks.starts_at, week.week_at < weeks.ends_at).subquery()
    return select(summed).where(whose(summed.c.channel_id))


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
    names = ["week_at", *_KEYS, *_counters(SLOTS)]
    for span in weeks:
        days = (
            day.day_at >= span.starts_at,
            day.day_at < span.ends_at,
            of_many(session, day.channel_id, channel_ids),
        )
        summed = _added_up(REACH_DAY, SLOTS).where(*days).subquery()
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
        found.append(calendar.place(since).around[0])
        since = found[-1].ends_at
    return found


def _monday(calendar: Calendar, at: datetime) -> datetime:
    """When the week of an instant began."""
    return calendar.place(at).around[0].starts_at
