"""Reading deliveries by state."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import (
    BigInteger,
    Select,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Session

from scheduler.core.states import State
from scheduler.store.columns import Instant
from scheduler.store.deliveries.moving import ANNOUNCED, LOOKED_AT, PLANNED, in_states
from scheduler.store.holding.pauses import paused
from scheduler.store.holding.stops import stopped
from scheduler.store.sets import IDS, among, one_of
from scheduler.store.tables import Delivery

UNHEEDED = timedelta(seconds=5)


def waiting_looks(session: Session, ids: Collection[int]) -> list[Delivery]:
    """Those of `ids` whose outcome must be looked for."""
    doubtful = select(Delivery).where(one_of(Delivery.id, ids), Delivery.state.in_(LOOKED_AT))
    return list(session.scalars(doubtful))


def by_state(session: Session, ids: Collection[int]) -> Mapping[State, list[int]]:
    """Those of `ids` that exist, by the state they are in; a state that none is in has an empty list."""
    found: Mapping[State, list[int]] = defaultdict(list)
    for row in session.execute(_states(), {IDS: ids}):
        found[State(row.state)].append(row.id)
    return found


@cache
def _states() -> Select[int, str]:
    return select(Delivery.id, Delivery.state).where(among(Delivery.id))


def unheeded(session: Session, *, now: datetime, limit: int) -> list[int]:
    """Ready, and nobody's for a while: the hint was lost, or waits behind many others; oldest first."""
    return list(session.scalars(_untouched(), {"since": now - UNHEEDED, "limit": limit}))


def has_ready(session: Session) -> bool:
    """Whether anything is ready that no worker has taken yet."""
    return session.scalar(_one_ready()) is not None


@cache
def _untouched() -> Select[int]:
    """Run with the instant `since` and `limit`."""
    since, limit = bindparam("since", type_=Instant()), bindparam("limit", type_=BigInteger())
    return (
        select(Delivery.id)
        .where(in_states(State.READY), Delivery.updated_at < since, ~paused(), ~stopped())
        .order_by(Delivery.updated_at, Delivery.id)
        .limit(limit)
    )


@cache
def _one_ready() -> Select[int]:
    return select(Delivery.id).where(in_states(State.READY), ~paused(), ~stopped()).limit(1)


def next_due_at(session: Session) -> datetime | None:
    """The earliest instant at which the planner has something to do, None when it never will."""
    open_states = (*PLANNED, *ANNOUNCED)
    return session.scalar(
        select(Delivery.next_at)
        .where(in_states(*open_states), Delivery.next_at.is_not(None))
        .order_by(Delivery.next_at)
        .limit(1)
    )


def count_by_state(session: Session) -> dict[State, int]:
    """How many deliveries are in each state that has any."""
    rows = session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
    return {State(state): number for state, number in rows}
