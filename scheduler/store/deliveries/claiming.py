"""From ready to sending: announced, claimed, staged, and let go only where rule 3 holds."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from scheduler.core.states import State, require_edge
from scheduler.core.wording import N_
from scheduler.store.deliveries.moving import ANNOUNCED, NOW, in_states, instant, moved, ours, still
from scheduler.store.evidence.ledger import Line, Signed, note
from scheduler.store.holding.pauses import paused
from scheduler.store.holding.stops import stopped
from scheduler.store.locking import lock
from scheduler.store.sets import IDS, among, looked_up, one_of
from scheduler.store.tables import Delivery

ANNOUNCE_AGAIN = timedelta(seconds=30)
CHANGED = N_("the content in hand is not the content that was approved")
WINDOW_PASSED = N_("the window for a safe repeat has passed: it may be live")


def take_announcements(session: Session, *, now: datetime, limit: int) -> list[int]:
    """Ids a worker should attend to now, earliest first; the same id is not given again for 30 s."""
    ids = list(session.scalars(_unannounced(), {"now": now, "limit": limit}))
    if ids:
        session.execute(
            update(Delivery).where(one_of(Delivery.id, ids)).values(next_at=now + ANNOUNCE_AGAIN),
            execution_options={"synchronize_session": False},
        )
    return ids


def claim(
    session: Session, ids: Collection[int], *, token: str, now: datetime, lease: timedelta
) -> list[Delivery]:
    """Claim those of `ids` that are ready, whoever else tries at the same time; the claimed rows."""
    free = list(session.scalars(_free(), {IDS: ids}))
    claimed = {IDS: free, "token": token, "until": now + lease, "now": now}
    rows = moved(session, _claimed(), claimed)
    return sorted(rows, key=lambda row: (row.due_at, row.id))


def mark_sending(
    session: Session, hashes: Mapping[int, str], *, token: str, lease: timedelta, signed: Signed
) -> set[int]:
    """Move claimed deliveries to sending where every condition of rule 3 holds; the ids that may be sent.

    `hashes` maps each id to the hash of the bytes in hand. Commit this before the first byte (rule 2).
    A delivery may be ready and claimed early, so that it is in hand when it is due; it is not sent before.
    Whoever has a row is waited for first: a pause that is stored meanwhile is seen then.
    """
    now = signed.now
    in_hand = {IDS: hashes, "hashes": hashes, "token": token, "until": now + lease, "now": now}
    session.execute(_locked(), {IDS: hashes})
    allowed = set(moved(session, _allowed(), in_hand))
    note(session, allowed, Line(kind="sending", state=State.SENDING), signed)
    return allowed


@cache
def _unannounced() -> Select[int]:
    return (
        select(Delivery.id)
        .where(
            in_states(*ANNOUNCED),
            Delivery.next_at <= NOW,
            or_(Delivery.state != State.READY, and_(~paused(), ~stopped())),
        )
        .order_by(Delivery.next_at, Delivery.id)
        .limit(bindparam("limit", type_=BigInteger()))
        .with_for_update(skip_locked=True)
    )


@cache
def _free() -> Select[int]:
    ready = select(Delivery.id).where(among(Delivery.id), still(State.READY))
    return ready.order_by(Delivery.id).with_for_update(skip_locked=True)


@cache
def _claimed() -> ReturningUpdate[Delivery]:
    """Run with IDS, `token`, `until` and `now`."""
    return (
        update(Delivery)
        .where(among(Delivery.id), still(State.READY))
        .values(
            state=State.CLAIMED,
            claim_token=bindparam("token"),
            lease_until=bindparam("until"),
            updated_at=NOW,
        )
        .returning(Delivery)
    )


@cache
def _locked() -> Select[int]:
    return select(Delivery.id).where(among(Delivery.id)).order_by(Delivery.id).with_for_update(key_share=True)


@cache
def _allowed() -> ReturningUpdate[int]:
    """Rule 3; run with IDS, `hashes`, `token`, `until` and `now`."""
    return (
        update(Delivery)
        .where(
            ours(bindparam("token"), State.CLAIMED),
            among(Delivery.id),
            Delivery.approved_hash == looked_up(Delivery.id, "hashes"),
            Delivery.due_at <= NOW,
            or_(Delivery.tainted.is_(false()), Delivery.resend_before > NOW),
            ~paused(),
            ~stopped(),
        )
        .values(
            state=State.SENDING,
            lease_until=bindparam("until"),
            first_sent_at=func.coalesce(Delivery.first_sent_at, NOW),
            updated_at=NOW,
        )
        .returning(Delivery.id)
    )


def turn_away(session: Session, hashes: Mapping[int, str], *, token: str, now: datetime) -> None:
    """Give back what `mark_sending` refused: early and paused wait, doubt is looked for, changed is held."""
    lock(session, Delivery.id, one_of(Delivery.id, hashes))
    refused = and_(ours(token, State.CLAIMED), Delivery.id.in_(list(hashes)))
    in_hand = tuple_(Delivery.id, func.coalesce(Delivery.approved_hash, ""))
    matching = in_hand.in_(list(hashes.items()))
    doubtful = and_(refused, Delivery.tainted, or_(~matching, Delivery.resend_before <= now))
    _give_back(session, doubtful, State.UNCONFIRMED, WINDOW_PASSED, now)
    not_before = case((Delivery.due_at > now, Delivery.due_at), else_=instant(now))
    _give_back(session, and_(refused, matching), State.READY, "", not_before)
    _give_back(session, refused, State.HELD, CHANGED, None)


def _give_back(
    session: Session,
    where: ColumnElement[bool],
    state: State,
    reason: str,
    next_at: ColumnElement[datetime] | datetime | None,
) -> None:
    require_edge(State.CLAIMED, state)
    session.execute(
        update(Delivery)
        .where(where)
        .values(state=state, reason=reason, next_at=next_at, claim_token=None, lease_until=None),
        execution_options={"synchronize_session": False},
    )
