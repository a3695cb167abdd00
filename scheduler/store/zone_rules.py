"""Due times under changed rules of time zones: the newest rules seen, and what is derived from wall times."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Row, false, select
from sqlalchemy.orm import Session

from scheduler.store.deliveries.moving import in_states
from scheduler.store.deliveries.timing import MOVABLE
from scheduler.store.tables import Channel, Delivery, Lease, Post

RULES = "zone rules"

Planned: TypeAlias = Row[int, str, str, datetime, str, int | None, datetime]


def newest_rules(session: Session) -> str:
    """The newest version of the rules by which due times here were derived; empty when none is known."""
    return session.scalar(select(Lease.holder).where(Lease.name == RULES)) or ""


def set_newest_rules(session: Session, version: str, *, now: datetime) -> None:
    """Remember by which rules due times are derived."""
    session.merge(Lease(name=RULES, holder=version, until=now))


def planned(session: Session) -> Sequence[Planned]:
    """What is not sent yet and stands at a wall time: id, post, channel, wall_at, zone, fold, due_at."""
    query = (
        select(
            Delivery.id,
            Post.ref,
            Channel.name,
            Delivery.wall_at,
            Delivery.zone,
            Delivery.fold,
            Delivery.due_at,
        )
        .join(Post, Post.id == Delivery.post_id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(in_states(*MOVABLE), Delivery.tainted.is_(false()))
    )
    return session.execute(query).all()
