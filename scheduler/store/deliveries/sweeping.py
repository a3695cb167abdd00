"""What time does to deliveries: late ones are held or missed, lapsed leases are taken back."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from scheduler.core.lateness import TOLERANCES, Lateness
from scheduler.core.states import State
from scheduler.core.wording import N_
from scheduler.store.columns import Instant
from scheduler.store.deliveries.moving import NOW, UNSENT, WAITING, in_states, moved, still
from scheduler.store.evidence.ledger import Line, Signed, note
from scheduler.store.sets import IDS, among
from scheduler.store.tables import Delivery

NOT_APPROVED = N_("due, but not approved")
TOO_LATE = N_("later than its tolerance: a person must decide")
LIMIT_PASSED = N_("later than its hard limit")
LAPSED = N_("the worker vanished while sending: it may be live")


def sweep_late(session: Session, *, now: datetime) -> int:
    """Hold what is later than its tolerance and miss what is past its limit; how many (rule 11)."""
    limits = {lateness.value: now - tolerance.limit for lateness, tolerance in TOLERANCES.items()}
    tolerated = {lateness.value: now - tolerance.publish for lateness, tolerance in TOLERANCES.items()}
    late = list(session.scalars(_late(UNSENT), {"now": now, **limits}))
    missed = _move(session, _let_go(State.MISSED, LIMIT_PASSED), late, now)
    late = list(session.scalars(_late(WAITING), {"now": now, **tolerated}))
    held = _move(session, _let_go(State.HELD, TOO_LATE), late, now)
    return len(missed) + len(held)


def sweep_lapsed(session: Session, *, now: datetime, alone: bool = False) -> int:
    """Take back lapsed claims: claimed sent nothing, sending may have sent anything (rule 2).

    With `alone` every claim has lapsed: the caller knows that no other process works on this database.
    """
    sending = list(session.scalars(_lapsed(State.SENDING, alone=alone), {"now": now}))
    in_doubt = _move(session, _doubted(), sending, now)
    line = Line(kind="lapse", state=State.UNCONFIRMED, reason=LAPSED)
    note(session, in_doubt, line, Signed(worker="", now=now))
    claimed = list(session.scalars(_lapsed(State.CLAIMED, alone=alone), {"now": now}))
    freed = _move(session, _freed(), claimed, now)
    return len(freed) + len(in_doubt)


def _move(
    session: Session, statement: ReturningUpdate[int], ids: Collection[int], now: datetime
) -> Sequence[int]:
    return moved(session, statement, {IDS: ids, "now": now}).all() if ids else ()


@cache
def _freed() -> ReturningUpdate[int]:
    return (
        update(Delivery)
        .where(among(Delivery.id), still(State.CLAIMED))
        .values(
            state=case((Delivery.tainted, State.UNCONFIRMED.value), else_=State.READY.value),
            next_at=NOW,
            lease_until=None,
            claim_token=None,
            updated_at=NOW,
        )
        .returning(Delivery.id)
    )


@cache
def _doubted() -> ReturningUpdate[int]:
    return (
        update(Delivery)
        .where(among(Delivery.id), still(State.SENDING))
        .values(
            state=State.UNCONFIRMED,
            tainted=true(),
            attempts=Delivery.attempts + 1,
            reason=LAPSED,
            next_at=NOW,
            lease_until=None,
            updated_at=NOW,
        )
        .returning(Delivery.id)
    )


@cache
def _lapsed(state: State, *, alone: bool) -> Select[int]:
    return _free(in_states(state), true() if alone else Delivery.lease_until < NOW)


@cache
def _late(sources: Collection[State]) -> Select[int]:
    """What is late in one of `sources`; `next_at` lets an index find it.

    Run with `now`, and for each kind of lateness the instant before which something of it is late.
    """
    wanted_at = func.coalesce(Delivery.released_at, Delivery.due_at)
    bounds = {kind: bindparam(kind.value, type_=Instant()) for kind in Lateness}
    late = (and_(Delivery.lateness == kind, wanted_at < bound) for kind, bound in bounds.items())
    return _free(
        in_states(*sources),
        or_(Delivery.next_at <= NOW, Delivery.next_at.is_(None)),
        Delivery.tainted.is_(false()),
        or_(*late),
    )


def _free(*which: ColumnElement[bool]) -> Select[int]:
    """Those of them that nobody has in hand: who waits for one row keeps all others waiting."""
    return select(Delivery.id).where(*which).with_for_update(skip_locked=True)


@cache
def _let_go(state: State, reason: str) -> ReturningUpdate[int]:
    """Run with IDS, which are locked, and `now`."""
    return (
        update(Delivery)
        .where(among(Delivery.id), still(*UNSENT))
        .values(
            state=state,
            reason=case((Delivery.approved_hash.is_(None), NOT_APPROVED), else_=reason),
            next_at=None,
            updated_at=NOW,
        )
        .returning(Delivery.id)
    )
