"""What became of a delivery, by an answer or by a look, with its proof."""

from datetime import datetime

from sqlalchemy import (
    true,
    update,
)
from sqlalchemy.orm import Session

from connectors.contract import Published
from scheduler.core.outcomes import Decision
from scheduler.core.states import State, require_edge
from scheduler.store.deliveries.moving import RECALLED, UNSENT, cancel_recalled, count_moved, written_by
from scheduler.store.ledger import Line, Signed, decided, note
from scheduler.store.tables import Delivery, Publication


def record(session: Session, delivery_id: int, decision: Decision, *, token: str, signed: Signed) -> bool:
    """Write what became of a claimed or sending delivery, with its evidence; False when it is no longer ours.

    A delivery that lapsed meanwhile still learns that it was published: the truth may come late.
    """
    sources = [State.CLAIMED, State.SENDING]
    if decision.state is State.PUBLISHED:
        sources.append(State.UNCONFIRMED)
    written = (
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.claim_token == token, Delivery.state.in_(sources))
        .values(**written_by(decision, signed.now))
    )
    if count_moved(session, written) == 0:
        return False
    note(session, [delivery_id], decided("outcome", decision), signed)
    if decision.state in UNSENT and cancel_recalled(session, [delivery_id], UNSENT):
        note(session, [delivery_id], Line(kind="recall", state=State.CANCELLED, reason=RECALLED), signed)
    return True


def record_look(
    session: Session,
    delivery: Delivery,
    decision: Decision,
    *,
    resend_before: datetime | None,
    signed: Signed,
) -> bool:
    """Write what a look found; False when the delivery moved, or was looked at, in the meantime."""
    if decision.state != delivery.state:
        require_edge(State(delivery.state), decision.state)
    looked = (
        update(Delivery)
        .where(
            Delivery.id == delivery.id,
            Delivery.state == delivery.state,
            Delivery.looks == delivery.looks,
            Delivery.recall_at.is_(None) if decision.state is State.READY else true(),
        )
        .values(**written_by(decision, signed.now), looks=Delivery.looks + 1, resend_before=resend_before)
    )
    if count_moved(session, looked) == 0:
        return False
    note(session, [delivery.id], decided("look", decision), signed)
    return True


def add_publication(
    session: Session, delivery: Delivery, published: Published, *, confirmed_by: str, now: datetime
) -> None:
    """Keep the proof that a delivery is live; call it in the transaction that made it published."""
    session.add(
        Publication(
            organisation_id=delivery.organisation_id,
            delivery_id=delivery.id,
            post_id=delivery.post_id,
            channel_id=delivery.channel_id,
            remote_id=published.remote_id,
            url=published.url,
            confirmed_by=confirmed_by,
            published_at=now,
            harvest_at=now if published.remote_id else None,
        )
    )
