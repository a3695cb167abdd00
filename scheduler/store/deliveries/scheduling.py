"""Into the plan and out of it again: scheduled, released, cancelled, ready when due."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from sys import maxsize

from sqlalchemy import (
    BigInteger,
    bindparam,
    case,
    false,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from scheduler.core.states import State
from scheduler.core.stopping import spaced
from scheduler.store.columns import Instant
from scheduler.store.deliveries.claiming import ANNOUNCE_AGAIN
from scheduler.store.deliveries.moving import (
    NOW,
    PLANNED,
    count_moved,
    in_states,
    instant,
    moved_ids,
    still,
    untouched,
)
from scheduler.store.deliveries.waiting import (
    CATCHING_UP,
    FULL,
    Rest,
    behind,
    overdue_by,
    put_off,
)
from scheduler.store.evidence.ledger import Line, Signed, note
from scheduler.store.holding.pauses import covered, paused
from scheduler.store.holding.stops import stopped
from scheduler.store.locking import lock
from scheduler.store.sets import one_of
from scheduler.store.tables import Delivery

FREED = {"claim_token": None, "lease_until": None}


def schedule(session: Session, delivery: Delivery) -> None:
    """Add a new delivery in its first state, to be looked at when it is due."""
    delivery.state = State.SCHEDULED
    delivery.next_at = delivery.due_at
    session.add(delivery)


def reschedule(session: Session, delivery: Delivery, *, key: str, now: datetime) -> bool:
    """Give an untouched, changed delivery back to the planner under a new key; False when too late for it."""
    moved = (
        update(Delivery)
        .where(Delivery.id == delivery.id, untouched())
        .values(
            state=State.SCHEDULED,
            next_at=delivery.due_at,
            key=key,
            generation=Delivery.generation + 1,
            approved_hash=None,
            released_at=None,
            stage_at=None,
            staged={},
            staged_for=None,
            staged_complete=False,
            **FREED,
            attempts=0,
            reason="",
            updated_at=now,
        )
    )
    return count_moved(session, moved) == 1


def cancel(session: Session, ids: Collection[int], *, reason: str, now: datetime) -> list[int]:
    """Cancel those of `ids` of which nothing was or is being sent; the ids that were."""
    lock(session, Delivery.id, one_of(Delivery.id, ids))
    cancelled = (
        update(Delivery)
        .where(one_of(Delivery.id, ids), untouched())
        .values(state=State.CANCELLED, reason=reason, next_at=None, **FREED, updated_at=now)
    )
    return moved_ids(session, cancelled)


def release(session: Session, ids: Collection[int], *, signed: Signed) -> list[int]:
    """Let held deliveries go on by a person's decision, their lateness counted from now; the ids that did."""
    lock(session, Delivery.id, one_of(Delivery.id, ids))
    released = (
        update(Delivery)
        .where(one_of(Delivery.id, ids), Delivery.state == State.HELD)
        .values(
            state=State.SCHEDULED,
            next_at=case((Delivery.due_at > signed.now, Delivery.due_at), else_=instant(signed.now)),
            released_at=signed.now,
            reason="",
            updated_at=signed.now,
        )
    )
    moved = moved_ids(session, released)
    note(session, moved, Line(kind="release", state=State.SCHEDULED), signed)
    return moved


def make_ready(
    session: Session,
    *,
    now: datetime,
    ahead: timedelta = timedelta(0),
    limit: int = maxsize,
    but: Collection[Rest] = (),
) -> list[tuple[int, datetime]]:
    """Move what is due, approved and not paused to ready; the ids with their due instants, earliest first.

    All `but` what stands behind the line of its channel, and has no turn yet.

    What is due for the first time within `ahead` is ready early, so that a worker has everything in hand
    when it is due. The caller announces them all; what then waits is announced again, early ones when due.
    """
    made: list[tuple[int, datetime]] = []
    for state in PLANNED:
        statement = _made_ready(state, but) if but else _all_made_ready(state)
        values = {"now": now, "by": now + ahead, "again": now + ANNOUNCE_AGAIN, "limit": limit - len(made)}
        rows = session.execute(statement, values, execution_options={"synchronize_session": False})
        made += [(row.id, row.due_at) for row in rows]
    return sorted(made, key=lambda one: (one[1], one[0]))


@cache
def _all_made_ready(state: State) -> ReturningUpdate[int, datetime]:
    return _made_ready(state, ())


def _made_ready(state: State, but: Collection[Rest]) -> ReturningUpdate[int, datetime]:
    """Run with the instants `now`, `by` and `again`, and `limit`.

    It walks along the index, which has one state at a time in the order of `next_at`, as far as the limit.
    """
    by, again = (bindparam(name, type_=Instant()) for name in ("by", "again"))
    first = Delivery.next_at <= Delivery.due_at if state is State.SCHEDULED else false()
    due = (
        select(Delivery.id)
        .where(
            in_states(state),
            Delivery.next_at <= by,
            Delivery.due_at <= by,
            or_(Delivery.next_at <= NOW, first),
            ~behind(but),
            Delivery.approved_hash.is_not(None),
            ~paused(),
            ~stopped(),
        )
        .order_by(Delivery.next_at)
        .limit(bindparam("limit", type_=BigInteger()))
        .with_for_update(skip_locked=True)
    )
    reason = case((Delivery.reason.in_((FULL, CATCHING_UP)), ""), else_=Delivery.reason)
    again_at = case((Delivery.due_at > NOW, Delivery.due_at), else_=again)
    return (
        update(Delivery)
        .where(Delivery.id.in_(due), still(state))
        .values(state=State.READY, reason=reason, next_at=again_at, updated_at=NOW)
        .returning(Delivery.id, Delivery.due_at)
    )


def space_out(session: Session, pause_ids: Collection[int], *, now: datetime) -> int:
    """Give what became due during these pauses its turn, a minute apart on each channel; how many.

    So, too, what was ready when the pause began.
    """
    waiting = (
        select(Delivery.id, Delivery.channel_id)
        .where(overdue_by(now), covered(pause_ids))
        .order_by(Delivery.due_at, Delivery.id)
    )
    found = [(row.id, row.channel_id) for row in session.execute(waiting)]
    turns = dict(spaced(found, now=now))
    put_off(session, turns, now=now, reason=None)
    return len(turns)
