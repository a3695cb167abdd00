"""What the channels published, plan and still have to read: the rest of what is watched."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scheduler.core.states import State
from scheduler.store.reach.stretch import Stretch
from scheduler.store.tables import Channel, Delivery, Publication

ENDED = (State.CANCELLED, State.REJECTED, State.MISSED)


def published_in(session: Session, stretch: Stretch) -> Mapping[int, Sequence[datetime]]:
    """When each channel published in the stretch."""
    query = select(Publication.channel_id, Publication.published_at).where(
        Publication.organisation_id == stretch.organisation_id, stretch.holds(Publication.published_at)
    )
    found = defaultdict[int, list[datetime]](list)
    for channel_id, at in session.execute(query):
        if at is not None:
            found[channel_id].append(at)
    return found


def planned_in(session: Session, stretch: Stretch) -> Mapping[int, int]:
    """How many deliveries of each channel are due in the stretch and not given up."""
    query = select(Delivery.channel_id, func.count()).where(
        Delivery.organisation_id == stretch.organisation_id,
        stretch.holds(Delivery.due_at),
        Delivery.state.not_in(ENDED),
    )
    return dict(session.execute(query.group_by(Delivery.channel_id)).all())


def overdue(session: Session, organisation_id: int, *, before: datetime) -> Mapping[int, int]:
    """How many publications of each channel should have been read before that instant, and were not."""
    query = select(Publication.channel_id, func.count()).where(
        Publication.organisation_id == organisation_id, Publication.harvest_at < before
    )
    return dict(session.execute(query.group_by(Publication.channel_id)).all())


def zones_of(session: Session, organisation_id: int) -> Mapping[int, str]:
    """The time zone of each channel's audience."""
    query = select(Channel.id, Channel.time_zone).where(Channel.organisation_id == organisation_id)
    return dict(session.execute(query).all())
