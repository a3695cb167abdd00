"""A few indexed queries that tell how an installation is: cheap enough to be asked every few seconds."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from scheduler.core.states import FINAL, State
from scheduler.store.deliveries.moving import PLANNED, in_states
from scheduler.store.tables import Channel, Credential, Delivery, Lease, Publication

OPEN = tuple(state for state in State if state not in FINAL)
PUT_OFF_AT_MOST = timedelta(days=1)
TO_SEND = (State.SCHEDULED, State.READY, State.CLAIMED, State.RETRYING)


def count_deliveries(
    session: Session, organisation_id: int, *, since: datetime, until: datetime
) -> dict[tuple[State, str], int]:
    """How many are in each state on each platform that has a channel; ended ones only if due in between."""
    mine = select(Channel.id, Channel.platform).where(Channel.organisation_id == organisation_id)
    platforms = dict(session.execute(mine).all())
    counts = {(state, platform): 0 for platform in platforms.values() for state in State}
    lately = and_(
        Delivery.organisation_id == organisation_id, Delivery.due_at >= since, Delivery.due_at <= until
    )
    for which, states in ((in_states(*OPEN), OPEN), (lately, FINAL)):
        columns = (Delivery.state, Delivery.channel_id)
        grouped = select(*columns, func.count()).where(which).group_by(*columns)
        for state, channel, count in session.execute(grouped).all():
            if state in states and channel in platforms:
                counts[State(state), platforms[channel]] += count
    return counts


def count_lateness(
    session: Session, organisation_id: int, *, since: datetime, bounds: Collection[float]
) -> tuple[list[int], int, float, float]:
    """Of what was published `since`: how many were at most each bound late, how many in all, sum and maximum.

    Lateness is in seconds, and at least 0.
    """
    moved = _late_s(session)
    late = case((moved > 0, moved), else_=0.0)
    at_most = [func.coalesce(func.sum(case((late <= bound, 1), else_=0)), 0) for bound in bounds]
    query = (
        select(*at_most, func.count(), func.coalesce(func.sum(late), 0), func.coalesce(func.max(late), 0))
        .select_from(Publication)
        .join(Delivery, Delivery.id == Publication.delivery_id)
        .where(Publication.organisation_id == organisation_id, Publication.published_at >= since)
    )
    *counts, count, total, most = session.execute(query).one()
    return [int(one) for one in counts], int(count), float(total), float(most)


def oldest_due_at(session: Session, organisation_id: int, *, now: datetime) -> datetime | None:
    """When the oldest approved delivery that is due and was not sent was due; None when none waits."""
    return session.scalar(select(func.min(Delivery.due_at)).where(*_waits(organisation_id, now)))


def count_turns(session: Session, organisation_id: int, *, now: datetime) -> int:
    """How many are due and wait for a quota, a pace, or the end of a platform's wait."""
    later = (in_states(*PLANNED), Delivery.next_at > now)
    return session.scalar(select(func.count()).where(*_waits(organisation_id, now), *later)) or 0


def count_claims(session: Session, *, now: datetime) -> tuple[int, int]:
    """How many claims are held, and how many have lapsed and wait to be taken back."""
    lapsed = func.coalesce(func.sum(case((Delivery.lease_until < now, 1), else_=0)), 0)
    claimed = (Delivery.lease_until.is_not(None), in_states(State.CLAIMED, State.SENDING))
    all_, gone = session.execute(select(func.count(), lapsed).where(*claimed)).one()
    return int(all_) - int(gone), int(gone)


def lease_of(session: Session, name: str) -> tuple[str, datetime] | None:
    """Who holds or last held a role, and until when (aware UTC)."""
    row = session.get(Lease, name)
    return (row.holder, row.until) if row else None


def unindexed(column: InstrumentedAttribute[int]) -> ColumnElement[int]:
    """The column, in a way that keeps SQLite from choosing its index: all rows of a centre are not few."""
    return column + 0


def newest_secret(session: Session) -> str | None:
    """The ciphertext that was sealed last, to try the keys on; None when no channel is connected."""
    return session.scalar(select(Credential.ciphertext).order_by(Credential.updated_at.desc()).limit(1))


def _waits(organisation_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Approved, due, and not sent; found by state and `next_at`, put off by a day at most."""
    return (
        unindexed(Delivery.organisation_id) == organisation_id,
        in_states(*TO_SEND),
        Delivery.next_at <= now + PUT_OFF_AT_MOST,
        Delivery.due_at <= now,
        Delivery.approved_hash.is_not(None),
    )


def _late_s(session: Session) -> ColumnElement[float]:
    """Published minus due in seconds; below 0 where two clocks differed a little."""
    later, earlier = Publication.published_at, Delivery.due_at
    if session.get_bind().dialect.name == "sqlite":
        days = func.julianday(later) - func.julianday(earlier)
        return func.round(days * timedelta(days=1).total_seconds(), 3)
    return func.date_part("epoch", later - earlier)
