"""Follower levels at the ends of stretches, from the days on which audiences were looked at."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import ColumnElement, Row, ScalarSelect, and_, func, select
from sqlalchemy.orm import Session

from scheduler.core.facts import ChannelFact, LevelFact
from scheduler.core.metrics import mark_of
from scheduler.core.rollups import Standing
from scheduler.core.spans import Calendar
from scheduler.store.columns import MICROSECOND
from scheduler.store.metrics.nearby import nearby
from scheduler.store.metrics.standings import standings
from scheduler.store.metrics.tables import AUDIENCE_DAY
from scheduler.store.reach.stretch import Stretch, channels_over, zone_of
from scheduler.store.tables import Channel

Audiences: TypeAlias = Mapping[datetime, Mapping[int, Standing]]
Day: TypeAlias = Row[datetime, int, datetime | None, int, str]
UNSEEN = Standing()
_DAY = AUDIENCE_DAY.c


def levels(session: Session, stretch: Stretch, followers: Mapping[str, str]) -> tuple[LevelFact, ...]:
    """Each channel's level at both ends of the stretch and what moved it; `followers` by platform."""
    [found] = levels_over(session, [stretch], followers)
    return found


def levels_over(
    session: Session, stretches: Sequence[Stretch], followers: Mapping[str, str]
) -> list[tuple[LevelFact, ...]]:
    """The levels of each stretch of an organisation."""
    if not followers or not stretches:
        return [() for _ in stretches]
    matrices = channels_over(session, stretches)
    calendar = Calendar(zone_of(session, stretches[0].organisation_id))
    audiences = audiences_over(session, stretches, matrices, followers, calendar)
    return [
        levels_in(stretch, channels, followers, audiences)
        for stretch, channels in zip(stretches, matrices, strict=True)
    ]


def levels_in(
    stretch: Stretch, channels: Iterable[ChannelFact], metrics: Mapping[str, str], audiences: Audiences
) -> tuple[LevelFact, ...]:
    """The levels of channels in their platform's metric, () without any."""
    if not metrics:
        return ()
    starts, ends = audiences[stretch.starts_at], audiences[stretch.ends_at]
    return tuple(_level(one.id, metrics.get(one.platform, ""), starts, ends) for one in channels)


def audiences_over(
    session: Session,
    stretches: Sequence[Stretch],
    matrices: Iterable[Iterable[ChannelFact]],
    platforms: Container[str],
    calendar: Calendar,
) -> Audiences:
    """How the audiences of these channels stood just before each stretch began and ended.

    Of those on these platforms: others have no such figures. `calendar` is that of the centre.
    """
    instants = {at for stretch in stretches for at in (stretch.starts_at, stretch.ends_at)}
    ids = {one.id for channels in matrices for one in channels if one.platform in platforms}
    if not ids:
        return {at: {} for at in instants}
    days = {at: calendar.spans(at - MICROSECOND).day.starts_at for at in instants}
    seen = defaultdict[datetime, list[Day]](list)
    for row in _on(session, ids, _DAY.day_at.in_(days.values())):
        seen[row.day_at].append(row)
    return {at: _audiences(session, ids, at, seen[day]) for at, day in days.items()}


def _level(
    channel_id: int, metric: str, starts: Mapping[int, Standing], ends: Mapping[int, Standing]
) -> LevelFact:
    start, end = starts.get(channel_id, UNSEEN), ends.get(channel_id, UNSEEN)
    first, last = mark_of(start.marks.get(metric)), mark_of(end.marks.get(metric))
    return LevelFact(
        channel_id=channel_id,
        start=first.value if first else None,
        end=last.value if last else None,
        organic=(last.gained if last else 0) - (first.gained if first else 0),
        read_at=end.read_at,
        gone_before=start.gone,
        gone=end.gone,
    )


def _audiences(
    session: Session, channel_ids: set[int], before: datetime, seen: Sequence[Day]
) -> dict[int, Standing]:
    """How each stood just before an instant: nearly all were `seen` on the day that it ends."""
    rows = seen
    if others := channel_ids - {row.channel_id for row in seen}:
        rows = [*seen, *_on(session, others, _DAY.day_at == _last_day(before))]
    stood = standings([(row.read_at, None, row.gone, row.marks) for row in rows])
    return {row.channel_id: standing for row, standing in zip(rows, stood, strict=True)}


def _on(session: Session, channel_ids: set[int], day: ColumnElement[bool]) -> Sequence[Day]:
    """Those of channels on a day, perhaps with some of others."""
    days = select(_DAY.day_at, _DAY.channel_id, _DAY.read_at, _DAY.gone, _DAY.marks)
    on_it = and_(_DAY.channel_id == Channel.id, day)
    return session.execute(days.join(Channel, on_it).where(nearby(session, Channel.id, channel_ids))).all()


def _last_day(before: datetime) -> ScalarSelect[datetime]:
    earlier = AUDIENCE_DAY.alias().c
    last = select(func.max(earlier.day_at)).where(earlier.channel_id == Channel.id, earlier.day_at < before)
    return last.scalar_subquery()
