"""What time does to deliveries: late ones are held or missed, lapsed leases are taken back."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import (
    Update,
    and_,
    case,
    false,
    func,
    or_,
    true,
    update,
)
from sqlalchemy.orm import Session

from scheduler.core.lateness import TOLERANCES, Lateness
from scheduler.core.states import State
from scheduler.core.wording import N_
from scheduler.store.deliveries.moving import UNSENT, WAITING, count_moved, moved_ids
from scheduler.store.ledger import Line, Signed, note
from scheduler.store.tables import Delivery

NOT_APPROVED = N_("due, but not approved")
TOO_LATE = N_("later than its tolerance: a person must decide")
LIMIT_PASSED = N_("later than its hard limit")
LAPSED = N_("the worker vanished while sending: it may be live")


def sweep_late(session: Session, *, now: datetime) -> int:
    """Hold what is later than its tolerance and miss what is past its limit; how many (rule 11)."""
    limits = {lateness: tolerance.limit for lateness, tolerance in TOLERANCES.items()}
    tolerated = {lateness: tolerance.publish for lateness, tolerance in TOLERANCES.items()}
    missed = count_moved(session, _let_go(State.MISSED, limits, UNSENT, LIMIT_PASSED, now))
    return missed + count_moved(session, _let_go(State.HELD, tolerated, WAITING, TOO_LATE, now))


def sweep_lapsed(session: Session, *, now: datetime, alone: bool = False) -> int:
    """Take back lapsed claims: claimed sent nothing, sending may have sent anything (rule 2).

    With `alone` every claim has lapsed: the caller knows that no other process works on this database.
    """
    lapsed = true() if alone else Delivery.lease_until < now
    freed = (
        update(Delivery)
        .where(Delivery.state == State.CLAIMED, lapsed)
        .values(
            state=case((Delivery.tainted, State.UNCONFIRMED.value), else_=State.READY.value),
            next_at=now,
            lease_until=None,
            claim_token=None,
            updated_at=now,
        )
    )
    doubtful = (
        update(Delivery)
        .where(Delivery.state == State.SENDING, lapsed)
        .values(
            state=State.UNCONFIRMED,
            tainted=true(),
            attempts=Delivery.attempts + 1,
            reason=LAPSED,
            next_at=now,
            lease_until=None,
            updated_at=now,
        )
    )
    in_doubt = moved_ids(session, doubtful)
    line = Line(kind="lapse", state=State.UNCONFIRMED, reason=LAPSED)
    note(session, in_doubt, line, Signed(worker="", now=now))
    return count_moved(session, freed) + len(in_doubt)


def _let_go(
    state: State,
    after: Mapping[Lateness, timedelta],
    sources: Collection[State],
    reason: str,
    now: datetime,
) -> Update:
    """Out of `sources` to `state` what is later than that; `next_at` lets an index find it."""
    wanted_at = func.coalesce(Delivery.released_at, Delivery.due_at)
    late = (and_(Delivery.lateness == kind, wanted_at < now - least) for kind, least in after.items())
    return (
        update(Delivery)
        .where(
            Delivery.state.in_(sources),
            or_(Delivery.next_at <= now, Delivery.next_at.is_(None)),
            Delivery.tainted.is_(false()),
            or_(*late),
        )
        .values(
            state=state,
            reason=case((Delivery.approved_hash.is_(None), NOT_APPROVED), else_=reason),
            next_at=None,
            updated_at=now,
        )
    )
