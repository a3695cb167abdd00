"""What time does to deliveries: late ones are held or missed, lapsed leases are taken back."""

from collections.abc import Collection
from datetime import datetime
from functools import cache

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    true,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from scheduler.core.lateness import TOLERANCES, Lateness
from scheduler.core.states import State
from scheduler.core.wording import N_
from scheduler.store.columns import Instant
from scheduler.store.deliveries.moving import NOW, UNSENT, WAITING, moved
from scheduler.store.evidence.ledger import Line, Signed, note
from scheduler.store.tables import Delivery

NOT_APPROVED = N_("due, but not approved")
TOO_LATE = N_("later than its tolerance: a person must decide")
LIMIT_PASSED = N_("later than its hard limit")
LAPSED = N_("the worker vanished while sending: it may be live")


def sweep_late(session: Session, *, now: datetime) -> int:
    """Hold what is later than its tolerance and miss what is past its limit; how many (rule 11)."""
    limits = {lateness.value: now - tolerance.limit for lateness, tolerance in TOLERANCES.items()}
    tolerated = {lateness.value: now - tolerance.publish for lateness, tolerance in TOLERANCES.items()}
    missed = moved(session, _let_go(State.MISSED, UNSENT, LIMIT_PASSED), {"now": now, **limits}).all()
    held = moved(session, _let_go(State.HELD, WAITING, TOO_LATE), {"now": now, **tolerated}).all()
    return len(missed) + len(held)


def sweep_lapsed(session: Session, *, now: datetime, alone: bool = False) -> int:
    """Take back lapsed claims: claimed sent nothing, sending may have sent anything (rule 2).

    With `alone` every claim has lapsed: the caller knows that no other process works on this database.
    """
    in_doubt = moved(session, _doubted(alone=alone), {"now": now}).all()
    line = Line(kind="lapse", state=State.UNCONFIRMED, reason=LAPSED)
    note(session, in_doubt, line, Signed(worker="", now=now))
    freed = moved(session, _freed(alone=alone), {"now": now}).all()
    return len(freed) + len(in_doubt)


@cache
def _freed(*, alone: bool) -> ReturningUpdate[int]:
    return (
        update(Delivery)
        .where(Delivery.state == State.CLAIMED, _lapsed(alone=alone))
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
def _doubted(*, alone: bool) -> ReturningUpdate[int]:
    return (
        update(Delivery)
        .where(Delivery.state == State.SENDING, _lapsed(alone=alone))
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


def _lapsed(*, alone: bool) -> ColumnElement[bool]:
    return true() if alone else Delivery.lease_until < NOW


@cache
def _let_go(state: State, sources: Collection[State], reason: str) -> ReturningUpdate[int]:
    """Out of `sources` to `state` what is late; `next_at` lets an index find it.

    Run with `now`, and for each kind of lateness the instant before which something of it is late.
    """
    wanted_at = func.coalesce(Delivery.released_at, Delivery.due_at)
    bounds = {kind: bindparam(kind.value, type_=Instant()) for kind in Lateness}
    late = (and_(Delivery.lateness == kind, wanted_at < bound) for kind, bound in bounds.items())
    return (
        update(Delivery)
        .where(
            Delivery.state.in_(sources),
            or_(Delivery.next_at <= NOW, Delivery.next_at.is_(None)),
            Delivery.tainted.is_(false()),
            or_(*late),
        )
        .values(
            state=state,
            reason=case((Delivery.approved_hash.is_(None), NOT_APPROVED), else_=reason),
            next_at=None,
            updated_at=NOW,
        )
        .returning(Delivery.id)
    )
