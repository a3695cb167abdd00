"""What a step of the clock does to deliveries: what was to last a while still lasts as long."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Select, bindparam, case, false, or_, select, update
from sqlalchemy.orm import Session

from scheduler.core.clocks import NOTHING, ODD
from scheduler.core.states import State
from scheduler.store.columns import Instant
from scheduler.store.deliveries.claiming import ANNOUNCE_AGAIN
from scheduler.store.deliveries.moving import ANNOUNCED, WAITING, instant
from scheduler.store.sets import one_of
from scheduler.store.tables import Delivery

ON_A_TIMER = (*ANNOUNCED, State.RETRYING)
MOVABLE = (State.SCHEDULED, State.HELD)
TIMERS = ("lease_until", "next_at", "first_sent_at", "resend_before", "updated_at")


def shift_timers(session: Session, *, by: timedelta, now: datetime) -> int:
    """Move leases, and after a step back also waits, looks and windows, to the clock that stepped to `now`.

    Due times stay. The window of a safe repeat, counted from the first sending, is the platform's: a step
    makes it shorter or leaves it.
    Returns how many rows were looked at.
    """
    timed = or_(
        Delivery.lease_until.is_not(None),
        Delivery.state.in_(ON_A_TIMER) & Delivery.next_at.is_not(None),
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
        Delivery.lease_until > ahead,
        Delivery.state.in_(ON_A_TIMER) & (Delivery.next_at > ahead),
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
    due = (Delivery.state.in_(WAITING), Delivery.next_at <= now, Delivery.approved_hash.is_not(None))
    return list(session.scalars(select(Delivery.id).where(*due).order_by(Delivery.due_at, Delivery.id)))


def move_due(
    session: Session,
    delivery_id: int,
    *,
    due_at: tuple[datetime, datetime | None],
    reason: str,
    now: datetime,
) -> State | None:
    """Move what is not sent yet from the first instant to the second, held where that is None.

    Content, approval and key stay. Returns its state; None when it moved or began to be sent meanwhile.
    """
    before, after = due_at
    stage_at = session.scalar(select(Delivery.stage_at).where(Delivery.id == delivery_id))
    unsent = (
        update(Delivery)
        .where(
            Delivery.id == delivery_id,
            Delivery.state.in_(MOVABLE),
            Delivery.tainted.is_(false()),
            Delivery.due_at == before,
            Delivery.stage_at.is_not_distinct_from(stage_at),
        )
        .values(updated_at=now)
    )
    if after is None:
        moved = unsent.values(state=State.HELD, reason=reason, next_at=None)
    else:
        next_at = case((Delivery.next_at == before, instant(after)), else_=Delivery.next_at)
        shifted = stage_at + (after - before) if stage_at else None
        moved = unsent.values(due_at=after, next_at=next_at, stage_at=shifted)
    state = session.scalar(moved.returning(Delivery.state), execution_options={"synchronize_session": False})
    return State(state) if state else None


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
