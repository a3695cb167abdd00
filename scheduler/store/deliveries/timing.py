"""What a step of the clock does to deliveries: what was to last a while still lasts as long."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, false, or_, select, update
from sqlalchemy.orm import Session

from scheduler.core.clocks import NOTHING, ODD
from scheduler.core.states import State
from scheduler.store.columns import Instant
from scheduler.store.deliveries.claiming import ANNOUNCE_AGAIN
from scheduler.store.deliveries.moving import ANNOUNCED, IN_HAND, WAITING, in_states
from scheduler.store.sets import one_of
from scheduler.store.tables import Attempt, Delivery

ON_A_TIMER = (*ANNOUNCED, State.RETRYING)
MOVABLE = (State.SCHEDULED, State.HELD)
NEW_RULES = "zones"
"""The kind of line that tells of new rules of time zones."""

TIMERS = ("lease_until", "next_at", "first_sent_at", "resend_before", "updated_at")


def shift_timers(session: Session, *, by: timedelta, now: datetime) -> int:
    """Move leases, and after a step back also waits, looks and windows, to the clock that stepped to `now`.

    Due times stay. The window of a safe repeat, counted from the first sending, is the platform's: a step
    makes it shorter or leaves it.
    Returns how many rows were looked at.
    """
    timed = or_(
        Delivery.lease_until.is_not(None),
        in_states(*ON_A_TIMER) & Delivery.next_at.is_not(None),
    )
    rows = session.scalars(select(Delivery).where(timed).order_by(Delivery.id).with_for_update()).all()
    return _write(session, [_moved(row, by, now) for row in rows])


def pull_back(session: Session, *, now: datetime) -> int:
    """Let what was written by a clock further ahead than clocks may differ count from `now`; how many rows.

    No honest clock writes so: it was written before the clock was set back while nobody watched, or by a
    process that had not seen it yet. What is locked has its turn at the next call.
    """
    odd = session.scalars(_odd(), {"ahead": now + ODD})
    return _write(session, [_moved(row, now - row.updated_at, now) for row in odd])


@cache
def _odd() -> Select[Delivery]:
    ahead = bindparam("ahead", type_=Instant())
    timed = or_(
        in_states(*IN_HAND) & (Delivery.lease_until > ahead),
        Delivery.stage_at.is_not(None) & (Delivery.lease_until > ahead),
        in_states(*ON_A_TIMER) & (Delivery.next_at > ahead),
    )
    return select(Delivery).where(timed, Delivery.updated_at > ahead).with_for_update(skip_locked=True)


def tell_again(session: Session, ids: Collection[int], *, now: datetime) -> None:
    """Let what waits for a look, and was taken at `now` for an announcement that was lost, be taken again.

    What is ready is left: planners find that by themselves.
    """
    untold = (
        one_of(Delivery.id, ids),
        Delivery.state != State.READY,
        Delivery.next_at == now + ANNOUNCE_AGAIN,
    )
    session.execute(
        update(Delivery).where(*untold).values(next_at=now),
        execution_options={"synchronize_session": False},
    )


def due_ids(session: Session, *, now: datetime) -> list[int]:
    """What is approved and due, and was not sent yet."""
    due = (in_states(*WAITING), Delivery.next_at <= now, Delivery.approved_hash.is_not(None))
    return list(session.scalars(select(Delivery.id).where(*due).order_by(Delivery.due_at, Delivery.id)))


def move_due(
    session: Session,
    instants: Mapping[int, tuple[datetime, datetime | None]],
    *,
    reason: str,
    now: datetime,
) -> dict[int, State]:
    """Move what is not sent yet from the first instant to the second; held where that is None, once.

    Content, approval and key stay, and no turn is before the due instant. The states of those that moved: not
    what was edited or began to be sent meanwhile, nor what has no instant and is held already or was let go.
    """
    told = exists().where(
        Attempt.delivery_id == Delivery.id, Attempt.kind == NEW_RULES, Attempt.state == State.HELD
    )
    movable = and_(Delivery.state.in_(MOVABLE), Delivery.tainted.is_(false()))
    wanted = select(Delivery, told).where(one_of(Delivery.id, instants), movable).order_by(Delivery.id)
    moved = [
        _derived(row, after, reason, now)
        for row, gone_before in session.execute(wanted.with_for_update(of=Delivery))
        for before, after in [instants[row.id]]
        if row.due_at == before and (after or (row.state == State.SCHEDULED and not gone_before))
    ]
    names = ("state", "reason", "due_at", "next_at", "stage_at", "updated_at")
    written = (
        update(Delivery)
        .where(Delivery.id == bindparam("row"), or_(*(Delivery.state == state for state in MOVABLE)))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    if moved:
        session.connection().execute(written, moved)
    return {one["row"]: one["new_state"] for one in moved}


def _derived(row: Delivery, after: datetime | None, reason: str, now: datetime) -> dict[str, Any]:
    """What is written into the row of a delivery that is due at another instant now, or at none."""
    due_at, next_at = after or row.due_at, row.next_at
    if next_at:
        next_at = due_at if next_at == row.due_at else max(next_at, due_at)
    return {
        "row": row.id,
        "new_state": State(row.state) if after else State.HELD,
        "new_reason": row.reason if after else reason,
        "new_due_at": due_at,
        "new_next_at": next_at if after else None,
        "new_stage_at": row.stage_at + (due_at - row.due_at) if row.stage_at else None,
        "new_updated_at": now,
    }


def _moved(row: Delivery, by: timedelta, now: datetime) -> dict[str, object]:
    back = min(by, NOTHING)
    return {
        "row": row.id,
        "new_lease_until": _lease(row.lease_until, by, now) if row.lease_until else None,
        "new_next_at": row.next_at + back if row.next_at and row.state in ON_A_TIMER else row.next_at,
        "new_first_sent_at": row.first_sent_at + back if row.first_sent_at else None,
        "new_resend_before": row.resend_before + back if row.resend_before else None,
        "new_updated_at": min(row.updated_at, now) if back else row.updated_at,
    }


def _write(session: Session, moved: Sequence[dict[str, object]]) -> int:
    written = (
        update(Delivery)
        .where(Delivery.id == bindparam("row"))
        .values({name: bindparam(f"new_{name}") for name in TIMERS})
    )
    if moved:
        session.connection().execute(written, moved)
    return len(moved)


def _lease(until: datetime, by: timedelta, now: datetime) -> datetime:
    """A lease that was given by the clock as it is now stays."""
    before_the_step = until < now if by > NOTHING else until > now - by
    return until + by if before_the_step else until
