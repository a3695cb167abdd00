"""What every move of a delivery is made of: guarded statements, and what a decision writes."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Update,
    and_,
    case,
    false,
    func,
    literal,
    null,
    update,
)
from sqlalchemy.orm import Session

from scheduler.core.outcomes import Decision
from scheduler.core.states import State
from scheduler.core.wording import N_
from scheduler.store.tables import Delivery

WAITING = (State.SCHEDULED, State.READY, State.RETRYING)
UNSENT = (*WAITING, State.HELD)
STOPPABLE = (*UNSENT, State.CLAIMED)
ENDED_UNSENT = (State.REJECTED, State.MISSED, State.CANCELLED)
LOOKED_AT = (State.UNCONFIRMED, State.PROCESSING)
ANNOUNCED = (State.READY, *LOOKED_AT, State.PUBLISHED)
RECALLED = N_("recalled")


def moved_ids(session: Session, statement: Update) -> list[int]:
    """The ids of the rows that the statement changed."""
    returning = statement.returning(Delivery.id)
    return list(session.scalars(returning, execution_options={"synchronize_session": False}))


def count_moved(session: Session, statement: Update) -> int:
    """How many rows the statement changed."""
    return len(moved_ids(session, statement))


def still(*states: State) -> ColumnElement[bool]:
    """Guard of rows that are named by id: in one of these states.

    It hides the column from PostgreSQL, which else finds the rows by their state: in a burst that index is
    full of rows that have moved on, and each statement walks past all of them (seen on 15, 2026-11-22).
    """
    return func.coalesce(Delivery.state, "").in_(states)


def ours(token: str, state: State) -> ColumnElement[bool]:
    """Guard of rows that are named by id: in this state and under our claim."""
    return and_(Delivery.claim_token == token, still(state))


def instant(at: datetime) -> ColumnElement[datetime]:
    """An aware UTC instant as an SQL value."""
    return literal(at, Delivery.due_at.type)


def written_by(decision: Decision, now: datetime) -> dict[str, Any]:
    """The columns a decision writes."""
    values: dict[str, Any] = {
        "state": decision.state,
        "reason": decision.reason,
        "next_at": decision.next_at,
        "lease_until": None,
        "updated_at": now,
    }
    if decision.state is State.PUBLISHED:
        values["next_at"] = take_down_at(now)
    if decision.counts:
        values["attempts"] = Delivery.attempts + 1
    if decision.taints:
        values["tainted"] = True
    return values


def take_down_at(now: datetime) -> ColumnElement[datetime | None]:
    """What is found live after its recall is taken down at once."""
    return case((Delivery.recall_at.is_not(None), instant(now)), else_=null())


def cancel_recalled(session: Session, ids: Collection[int], sources: Collection[State]) -> list[int]:
    """Cancel those of `ids` that were recalled and certainly not sent; the ids that were."""
    recalled = and_(Delivery.id.in_(ids), Delivery.recall_at.is_not(None), Delivery.tainted.is_(false()))
    freed = {"claim_token": None, "lease_until": None, "next_at": None, "reason": RECALLED}
    unsent = update(Delivery).where(recalled, Delivery.state.in_(sources))
    return moved_ids(session, unsent.values(state=State.CANCELLED, **freed))
