"""What every move of a delivery is made of: guarded statements, and what a decision writes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    ScalarResult,
    Update,
    and_,
    bindparam,
    case,
    false,
    literal,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from scheduler.core.outcomes import Decision
from scheduler.core.states import State
from scheduler.core.wording import N_
from scheduler.store.columns import Instant
from scheduler.store.sets import one_of
from scheduler.store.tables import Delivery

PLANNED = (State.RETRYING, State.SCHEDULED)
"""In the order in which they are made ready: what is tried again goes first."""
WAITING = (*PLANNED, State.READY)
UNSENT = (*WAITING, State.HELD)
STOPPABLE = (*UNSENT, State.CLAIMED)
ENDED_UNSENT = (State.REJECTED, State.MISSED, State.CANCELLED)
IN_HAND = (State.READY, State.CLAIMED, State.SENDING)
LOOKED_AT = (State.UNCONFIRMED, State.PROCESSING)
ANNOUNCED = (State.READY, *LOOKED_AT, State.PUBLISHED)
RECALLED = N_("recalled")
NOW = bindparam("now", type_=Instant())

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind:
    """What one statement writes for many decisions: the same columns."""

    state: State
    counts: bool = field(kw_only=True)
    taints: bool = field(kw_only=True)


def untouched() -> ColumnElement[bool]:
    """A condition on Delivery: nothing was or is being sent, so that it can still be stopped or changed."""
    return and_(Delivery.state.in_(STOPPABLE), Delivery.tainted.is_(false()))


def in_states(*states: State) -> ColumnElement[bool]:
    """Finds deliveries by their states, through the index; see `scheduler.store.tables.deliveries.PHASE`."""
    phases = {State.READY if state in IN_HAND else state for state in states}
    return and_(Delivery.phase.in_(sorted(phases)), Delivery.state.in_(states))


def moved_ids(session: Session, statement: Update) -> list[int]:
    """The ids of the rows that the statement changed."""
    return list(moved(session, statement.returning(Delivery.id), {}))


def moved(session: Session, statement: ReturningUpdate[T], values: Mapping[str, Any]) -> ScalarResult[T]:
    """What the statement, run with these values, returns of the rows that it changed."""
    return session.scalars(statement, values, execution_options={"synchronize_session": False})


def count_moved(session: Session, statement: Update) -> int:
    """How many rows the statement changed."""
    return len(moved_ids(session, statement))


def still(*states: State) -> ColumnElement[bool]:
    """Guard of rows that are named by id: in one of these states. No index has them; see `in_states`."""
    return Delivery.state.in_(states)


def ours(token: str | ColumnElement[str], state: State) -> ColumnElement[bool]:
    """Guard of rows that are named by id: in this state and under our claim."""
    return and_(Delivery.claim_token == token, still(state))


def instant(at: datetime) -> ColumnElement[datetime]:
    """An aware UTC instant as an SQL value."""
    return literal(at, Delivery.due_at.type)


def kind_of(decision: Decision) -> Kind:
    """What is written for this decision and for all alike."""
    return Kind(decision.state, counts=decision.counts, taints=decision.taints)


def written_by(decision: Decision, now: datetime) -> dict[str, Any]:
    """The columns a decision writes."""
    return written(kind_of(decision), reason=decision.reason, next_at=decision.next_at, now=instant(now))


def written(kind: Kind, *, reason: Any, next_at: Any, now: ColumnElement[datetime]) -> dict[str, Any]:
    """The columns a decision of this kind writes, with values or the parameters that stand for them."""
    values: dict[str, Any] = {
        "state": kind.state,
        "reason": reason,
        "next_at": take_down_at(now, otherwise=next_at) if kind.state is State.PUBLISHED else next_at,
        "lease_until": None,
        "updated_at": now,
    }
    if kind.counts:
        values["attempts"] = Delivery.attempts + 1
    if kind.taints:
        values["tainted"] = True
    return values


def take_down_at(now: ColumnElement[datetime], *, otherwise: Any = None) -> ColumnElement[datetime | None]:
    """What is found live after its recall is taken down at once."""
    return case((Delivery.recall_at.is_not(None), now), else_=otherwise)


def cancel_recalled(session: Session, ids: Collection[int], sources: Collection[State]) -> list[int]:
    """Cancel those of `ids` that were recalled and certainly not sent; the ids that were."""
    recalled = and_(one_of(Delivery.id, ids), Delivery.recall_at.is_not(None), Delivery.tainted.is_(false()))
    freed = {"claim_token": None, "lease_until": None, "next_at": None, "reason": RECALLED}
    unsent = update(Delivery).where(recalled, Delivery.state.in_(sources))
    return moved_ids(session, unsent.values(state=State.CANCELLED, **freed))
