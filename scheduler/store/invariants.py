"""What must always hold in the database, as queries that find the rows where it does not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from scheduler.core.states import State
from scheduler.core.wording import N_
from scheduler.store.deliveries.moving import in_states
from scheduler.store.tables import Attempt, Credential, Delivery, Publication

STUCK_AFTER = timedelta(minutes=5)
OVERDUE_AFTER = timedelta(minutes=10)
TAKEN_DOWN_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Invariant:
    """A rule, and the query of delivery ids that break it at an instant."""

    title: str
    breaking: Callable[[datetime], Select[int]]


def broken(session: Session, *, now: datetime) -> dict[str, int]:
    """How many rows break each rule, by the rule's title; 0 where all is well."""
    return {rule.title: _count(session, rule.breaking(now)) for rule in INVARIANTS}


def _count(session: Session, breaking: Select[int]) -> int:
    return session.scalar(select(func.count()).select_from(breaking.subquery())) or 0


def _stuck(now: datetime) -> Select[int]:
    held = in_states(State.CLAIMED, State.SENDING)
    return select(Delivery.id).where(held, Delivery.lease_until < now - STUCK_AFTER)


def _overdue(now: datetime) -> Select[int]:
    waiting = in_states(State.READY, State.UNCONFIRMED, State.PROCESSING)
    return select(Delivery.id).where(waiting, Delivery.next_at < now - OVERDUE_AFTER)


def _without_proof(_now: datetime) -> Select[int]:
    proof = exists().where(Publication.delivery_id == Delivery.id)
    return select(Delivery.id).where(in_states(State.PUBLISHED), ~proof)


def _without_attempt(_now: datetime) -> Select[int]:
    tried = exists().where(Attempt.delivery_id == Publication.delivery_id)
    return select(Publication.delivery_id).where(~tried)


def _not_published(_now: datetime) -> Select[int]:
    other = Delivery.state != State.PUBLISHED
    return select(Delivery.id).join(Publication, Publication.delivery_id == Delivery.id).where(other)


def _dead_channels(_now: datetime) -> Select[int]:
    waiting = in_states(State.SCHEDULED, State.READY, State.RETRYING)
    return (
        select(Delivery.id)
        .join(Credential, Credential.channel_id == Delivery.channel_id)
        .where(waiting, Credential.health != "ok")
    )


def _still_live(now: datetime) -> Select[int]:
    recalled = (Delivery.recall_at < now - TAKEN_DOWN_WITHIN, Publication.recalled_at.is_(None))
    return select(Delivery.id).join(Publication, Publication.delivery_id == Delivery.id).where(*recalled)


INVARIANTS = (
    Invariant(N_("no claim outlives its lease"), _stuck),
    Invariant(N_("nothing that waits is forgotten"), _overdue),
    Invariant(N_("every published delivery has its proof"), _without_proof),
    Invariant(N_("every publication has an attempt on record"), _without_attempt),
    Invariant(N_("every publication's delivery is published"), _not_published),
    Invariant(N_("nothing is queued to a channel that must be reconnected"), _dead_channels),
    Invariant(N_("what was recalled is taken down within an hour"), _still_live),
)
