"""A database put back to an earlier day: the journal is believed, what is planned is held (rule 13)."""

from collections.abc import Collection, Mapping

from sqlalchemy import (
    and_,
    false,
    or_,
    update,
)
from sqlalchemy.orm import Session

from scheduler.core.outcomes import Decision
from scheduler.core.states import State
from scheduler.core.wording import N_
from scheduler.store.deliveries.moving import PLANNED, WAITING, count_moved, in_states, moved_ids, written_by
from scheduler.store.evidence.ledger import Line, Signed, decided, note
from scheduler.store.locking import lock
from scheduler.store.sets import one_of
from scheduler.store.tables import Delivery

RESTORED = N_("planned in a copy that was put back: look whether it is live or was changed, then release it")
WENT = N_("the journal says that this post went to this channel before: look, then release it or leave it")


def believe_journal(
    session: Session,
    delivery_id: int,
    decision: Decision,
    *,
    sent: Mapping[str, object],
    signed: Signed,
) -> bool:
    """Write what a journal knows of a delivery that this database lost sight of (rule 13).

    `sent` has the columns that tell how it was sent: key, due_at, first_sent_at, staged. A database put back
    to an earlier day may believe anything but that it is published, so every other state gives way.
    """
    believed = (
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state != State.PUBLISHED)
        .values(**written_by(decision, signed.now), claim_token=None, **sent)
    )
    if count_moved(session, believed) == 0:
        return False
    note(session, [delivery_id], decided("recovery", decision), signed)
    return True


def hold_planned(session: Session, *, signed: Signed) -> list[int]:
    """Hold what is to be sent, as far as this database knows; what may be live is looked for.

    What is due later, too: that it was corrected, cancelled or paused since then is forgotten.
    """
    agreed = or_(Delivery.approved_hash.is_not(None), Delivery.next_at <= signed.now)
    planned = or_(
        in_states(State.READY, State.CLAIMED),
        and_(in_states(*PLANNED), agreed),
    )
    lock(session, Delivery.id, planned)
    freed = {"reason": RESTORED, "claim_token": None, "lease_until": None, "updated_at": signed.now}
    moved_ids(
        session, update(Delivery).where(planned, Delivery.tainted).values(state=State.UNCONFIRMED, **freed)
    )
    held = moved_ids(session, update(Delivery).where(planned).values(state=State.HELD, next_at=None, **freed))
    note(session, held, Line(kind="recovery", state=State.HELD, reason=RESTORED), signed)
    return held


def hold_again(session: Session, ids: Collection[int], *, signed: Signed) -> list[int]:
    """Hold those of `ids` that wait to be sent although a journal says that the same went out already."""
    lock(session, Delivery.id, one_of(Delivery.id, ids))
    twins = and_(one_of(Delivery.id, ids), Delivery.state.in_(WAITING), Delivery.tainted.is_(false()))
    held = moved_ids(
        session,
        update(Delivery)
        .where(twins)
        .values(state=State.HELD, next_at=None, reason=WENT, updated_at=signed.now),
    )
    note(session, held, Line(kind="recovery", state=State.HELD, reason=WENT), signed)
    return held
