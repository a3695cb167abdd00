"""What was laid out before a delivery is shown: announced early, leased, and kept step by step (rule 7)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from scheduler.core.outcomes import Decision
from scheduler.core.states import State, require_edge
from scheduler.store.deliveries.claiming import ANNOUNCE_AGAIN
from scheduler.store.deliveries.moving import NOW, count_moved, moved_ids
from scheduler.store.evidence.ledger import Signed, decided, note
from scheduler.store.holding.pauses import paused
from scheduler.store.holding.stops import stopped
from scheduler.store.locking import lock
from scheduler.store.sets import one_of
from scheduler.store.tables import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One more result of staging. It belongs to the delivery's `key` and to content of this `hash`."""

    delivery: int
    key: str
    hash: str
    handle: Mapping[str, str]
    complete: bool


def take_stagings(session: Session, *, now: datetime, limit: int) -> list[int]:
    """Ids of scheduled deliveries to lay out now, earliest due first; the same id not again for 30 s."""
    ids = list(session.scalars(_unstaged(), {"now": now, "limit": limit}))
    if ids:
        _write(session, Delivery.id.in_(ids), stage_at=now + ANNOUNCE_AGAIN)
    return ids


@cache
def _unstaged() -> Select[int]:
    return (
        select(Delivery.id)
        .where(Delivery.stage_at <= NOW, Delivery.due_at > NOW, _stageable())
        .order_by(Delivery.due_at, Delivery.id)
        .limit(bindparam("limit", type_=BigInteger()))
        .with_for_update(skip_locked=True)
    )


def lease_stagings(
    session: Session, ids: Collection[int], *, token: str, now: datetime, lease: timedelta
) -> list[Delivery]:
    """Those of `ids` that are ours to lay out until the lease ends; a lapsed one is anybody's again."""
    free = or_(Delivery.lease_until.is_(None), Delivery.lease_until < now)
    open_ = select(Delivery.id).where(
        Delivery.id.in_(ids), Delivery.stage_at.is_not(None), _stageable(), free
    )
    found = list(session.scalars(open_.order_by(Delivery.id).with_for_update(skip_locked=True)))
    if not found:
        return []
    taken = update(Delivery).where(Delivery.id.in_(found), Delivery.state == State.SCHEDULED, free)
    won = moved_ids(session, taken.values(claim_token=token, lease_until=now + lease))
    return list(session.scalars(select(Delivery).where(Delivery.id.in_(won)).order_by(Delivery.due_at)))


def save_steps(
    session: Session, steps: Collection[Step], *, token: str, now: datetime, lease: timedelta
) -> set[int]:
    """Keep results before they are used; the ids that are still ours and of the same generation."""
    ordered = sorted(steps, key=lambda step: step.delivery)
    return {step.delivery for step in ordered if _save(session, step, token, now, lease)}


def keep_handles(session: Session, handles: Mapping[int, Mapping[str, str]]) -> None:
    """Keep what names the objects that a platform accepted and is still working on, for the looks to come."""
    for delivery_id, handle in handles.items():
        working = and_(Delivery.id == delivery_id, Delivery.state == State.PROCESSING)
        _write(session, working, staged=dict(handle))


def end_stagings(session: Session, ids: Collection[int], *, token: str) -> None:
    """Give the lease back for what is laid out completely."""
    lock(session, Delivery.id, one_of(Delivery.id, ids))
    ours = and_(Delivery.id.in_(ids), _leased(token))
    _write(session, ours, stage_at=None, staged_complete=True, claim_token=None, lease_until=None)


def put_off(session: Session, delivery: Delivery, decision: Decision, *, token: str, signed: Signed) -> None:
    """Write what a failed early step means: tried again, left to the due time, or held with its evidence.

    What is held is laid out again as soon as it is released.
    """
    held = decision.state is State.HELD
    if held:
        require_edge(State.SCHEDULED, State.HELD)
    written = {"state": decision.state, "reason": decision.reason, "next_at": None} if held else {}
    later = (
        update(Delivery)
        .where(Delivery.id == delivery.id, Delivery.key == delivery.key, _leased(token))
        .values(
            **written,
            stage_at=signed.now if held else decision.next_at,
            claim_token=None,
            lease_until=None,
            updated_at=signed.now,
        )
    )
    if count_moved(session, later) and held:
        note(session, [delivery.id], decided("staging", decision), signed)


def _stageable() -> ColumnElement[bool]:
    return and_(Delivery.state == State.SCHEDULED, Delivery.approved_hash.is_not(None), ~paused(), ~stopped())


def _leased(token: str) -> ColumnElement[bool]:
    return and_(Delivery.state == State.SCHEDULED, Delivery.claim_token == token)


def _save(session: Session, step: Step, token: str, now: datetime, lease: timedelta) -> bool:
    saved = (
        update(Delivery)
        .where(
            Delivery.id == step.delivery,
            Delivery.key == step.key,
            Delivery.claim_token == token,
            Delivery.state.in_((State.SCHEDULED, State.CLAIMED)),
        )
        .values(
            staged=dict(step.handle),
            staged_for=step.hash,
            staged_at=now,
            staged_complete=step.complete,
            lease_until=now + lease,
        )
    )
    return count_moved(session, saved) == 1


def _write(session: Session, where: ColumnElement[bool], **values: object) -> None:
    session.execute(
        update(Delivery).where(where).values(**values), execution_options={"synchronize_session": False}
    )
