"""Follower levels at the ends of stretches, from the days on which audiences were looked at."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import and_, func, literal, select
from sqlalchemy.orm import Session

from scheduler.core.facts import ChannelFact, LevelFact
from scheduler.core.metrics import mark_of
from scheduler.core.rollups import Standing
from scheduler.store.reach_tables import AUDIENCE_DAY
from scheduler.store.standings import standings
from scheduler.store.stretch import Stretch, channels_over
from scheduler.store.tables import Channel

Audiences: TypeAlias = Mapping[datetime, Mapping[int, Standing]]
UNSEEN = Standing()


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
    channels, audiences = channels_over(session, stretches), audiences_over(session, stretches)
    return [
        levels_in(stretch, known, followers, audiences)
        for stretch, known in zip(stretches, channels, strict=True)
    ]


def levels_in(
    stretch: Stretch, channels: Iterable[ChannelFact], metrics: Mapping[str, str], audiences: Audiences
) -> tuple[LevelFact, ...]:
    """The levels of channels in their platform's metric, () without any."""
    if not metrics:
        return ()
    starts, ends = audiences[stretch.starts_at], audiences[stretch.ends_at]
    return tuple(_level(one.id, metrics.get(one.platform, ""), starts, ends) for one in channels)


def audiences_over(session: Session, stretches: Sequence[Stretch]) -> Audiences:
    """How audiences stood just before each stretch began and ended; an instant is looked up once."""
    instants = {at for stretch in stretches for at in (stretch.starts_at, stretch.ends_at)}
    latest = max(stretches, key=lambda one: one.ends_at)
    return {at: _audiences(session, latest, at) for at in instants}


def _level(
    channel_id: int, metric: str, starts: Mapping[int, Standing], ends: Mapping[int, Standing]
) -> LevelFact:
    start, end = starts.get(channel_id, UNSEEN), ends.get(channel_id, UNSEEN)
    first, last = (mark_of(one.marks.get(metric)) for one in (start, end))
    return LevelFact(
        channel_id=channel_id,
        start=first.value if first else None,
        end=last.value if last else None,
        organic=(last.gained if last else 0) - (first.gained if first else 0),
        read_at=end.read_at,
        gone_before=start.gone,
        gone=end.gone,
    )


def _audiences(session: Session, stretch: Stretch, before: datetime) -> dict[int, Standing]:
    """How each audience stood just before an instant."""
    earlier = AUDIENCE_DAY.alias()
    last_day = (
        select(func.max(earlier.c.day_at))
        .where(earlier.c.channel_id == Channel.id, earlier.c.day_at < before)
        .scalar_subquery()
    )
    day = AUDIENCE_DAY.c
    on_it = and_(day.channel_id == Channel.id, day.day_at == last_day)
    columns = (day.channel_id, day.read_at, literal(None), day.gone, day.marks)
    rows = session.execute(select(*columns).join(Channel, on_it).where(stretch.matrix())).all()
    return dict(zip((row[0] for row in rows), standings([row[1:] for row in rows]), strict=True))
