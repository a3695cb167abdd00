"""What readings and samples say about a stretch of time.

They are reached through the channels of the matrix: those indexes are ordered by time.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    ScalarSelect,
    Text,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    null,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from scheduler.core.facts import FailureFact, LevelFact, MovementFact, PostFact, ReadingFact
from scheduler.store.stretch import Stretch, campaign, rows, with_campaign
from scheduler.store.tables import Channel, MetricSample, Publication, Reading

CARRIED_AFTER = timedelta(days=1)


def movements(session: Session, stretch: Stretch, metrics: Collection[str]) -> tuple[MovementFact, ...]:
    """Increments and corrections read in the stretch, by channel, campaign and definition."""
    moved = (
        select(
            MetricSample,
            Publication.post_id,
            case((_is_carried(stretch), MetricSample.increment), else_=0).label("carried"),
        )
        .join(Publication, Publication.id == MetricSample.publication_id)
        .where(_read_in(stretch, metrics))
        .subquery()
    )
    keys = (moved.c.channel_id, campaign(), moved.c.metric, moved.c.definition)
    summed = select(
        *keys,
        _sum(moved.c.increment).label("increment"),
        _sum(moved.c.correction).label("correction"),
        _sum(cast(moved.c.baseline, Integer)).label("baselines"),
        _sum(moved.c.carried).label("carried"),
    )
    return rows(session, MovementFact, with_campaign(summed, moved.c.post_id).group_by(*keys))


def posts(session: Session, stretch: Stretch, metrics: Collection[str]) -> tuple[PostFact, ...]:
    """Increments read in the stretch of what went live in it, by post, channel and metric."""
    keys = (Publication.post_id, MetricSample.channel_id, MetricSample.metric)
    moved = (
        select(*keys, _sum(MetricSample.increment).label("increment"))
        .join(Publication, Publication.id == MetricSample.publication_id)
        .where(_read_in(stretch, metrics), stretch.holds(Publication.published_at))
        .group_by(*keys)
    )
    return rows(session, PostFact, moved)


def readings(session: Session, stretch: Stretch) -> tuple[ReadingFact, ...]:
    """How many publications were read in the stretch, by channel, campaign and what was missing."""
    missing = cast(Reading.missing, Text)
    read = (
        select(Reading.channel_id, campaign(), missing, func.count(Reading.publication_id.distinct()))
        .join(Publication, Publication.id == Reading.publication_id)
        .where(_looked_in(stretch, "read"))
    )
    grouped = with_campaign(read, Publication.post_id).group_by(Reading.channel_id, campaign(), missing)
    return tuple(
        ReadingFact(
            channel_id=row[0], campaign=row[1], missing=frozenset(json.loads(row[2])), publications=row[3]
        )
        for row in session.execute(grouped)
    )


def failures(session: Session, stretch: Stretch) -> tuple[FailureFact, ...]:
    """Failed looks in the stretch, by channel and reason."""
    keys = (Reading.channel_id, Reading.reason, Reading.publication_id.is_(None).label("of_audience"))
    failed = select(*keys, func.count().label("count")).where(_looked_in(stretch, "failed"))
    return rows(session, FailureFact, failed.group_by(*keys).order_by(*keys))


def levels(session: Session, stretch: Stretch, followers: Mapping[str, str]) -> tuple[LevelFact, ...]:
    """Each channel's follower level at both ends of the stretch and what moved it in between."""
    if not followers:
        return ()
    metric = case(dict(followers), value=Channel.platform, else_=null())
    of_channel = and_(
        MetricSample.channel_id == Channel.id,
        MetricSample.publication_id.is_(None),
        MetricSample.metric == metric,
    )
    organic = select(_sum(MetricSample.increment)).where(
        of_channel, MetricSample.baseline.is_(false()), stretch.holds(MetricSample.taken_at)
    )
    known = select(
        Channel.id.label("channel_id"),
        _level(of_channel, before=stretch.starts_at).label("start"),
        _level(of_channel, before=stretch.ends_at).label("end"),
        organic.scalar_subquery().label("organic"),
        _last_look(Reading.taken_at, stretch.ends_at, "read").label("read_at"),
        _is_gone(stretch.starts_at).label("gone_before"),
        _is_gone(stretch.ends_at).label("gone"),
    )
    return rows(session, LevelFact, known.where(stretch.matrix()))


def _read_in(stretch: Stretch, metrics: Collection[str]) -> ColumnElement[bool]:
    return and_(
        stretch.of_matrix(MetricSample.channel_id),
        MetricSample.metric.in_(metrics),
        stretch.holds(MetricSample.taken_at),
    )


def _looked_in(stretch: Stretch, status: str) -> ColumnElement[bool]:
    return and_(
        stretch.of_matrix(Reading.channel_id), stretch.holds(Reading.taken_at), Reading.status == status
    )


def _is_carried(stretch: Stretch) -> ColumnElement[bool]:
    """The first successful reading for over a day of a publication that is older than that."""
    since = stretch.starts_at - CARRIED_AFTER
    earlier = exists().where(
        Reading.publication_id == MetricSample.publication_id,
        Reading.status == "read",
        Reading.taken_at >= since,
        Reading.taken_at < MetricSample.taken_at,
    )
    return and_(Publication.published_at < since, ~earlier)


def _level(of_channel: ColumnElement[bool], *, before: datetime) -> ScalarSelect[int]:
    newest_first = (MetricSample.taken_at.desc(), MetricSample.id.desc())
    last = select(MetricSample.value).where(of_channel, MetricSample.taken_at < before)
    return last.order_by(*newest_first).limit(1).scalar_subquery()


def _is_gone(before: datetime) -> ColumnElement[bool]:
    return func.coalesce(_last_look(Reading.status, before, "read", "gone"), "") == "gone"


def _last_look(column: InstrumentedAttribute[Any], before: datetime, *status: str) -> ScalarSelect[Any]:
    looks = select(column).where(
        Reading.channel_id == Channel.id,
        Reading.publication_id.is_(None),
        Reading.status.in_(status),
        Reading.taken_at < before,
    )
    return looks.order_by(Reading.taken_at.desc()).limit(1).scalar_subquery()


def _sum(column: Any) -> ColumnElement[int]:
    """A sum as a plain integer, 0 over nothing: PostgreSQL would make it a decimal."""
    return cast(func.coalesce(func.sum(column), 0), MetricSample.increment.type)
