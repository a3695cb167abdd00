"""What was recalled and is still live, and the receipts for it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from scheduler.core.recalls import DONE, RecallDecision, Receipt
from scheduler.core.states import State
from scheduler.core.wording import N_
from scheduler.store.evidence.ledger import Line, Signed, note
from scheduler.store.tables import Delivery, Publication

GONE_JOURNALLED = N_("the journal says that it was taken down")


def to_take_down(session: Session, delivery_ids: Collection[int]) -> list[tuple[Publication, Delivery]]:
    """Those of the deliveries that are live although they were recalled, with their proofs."""
    query = (
        select(Publication, Delivery)
        .join(Delivery, Delivery.id == Publication.delivery_id)
        .where(
            Delivery.id.in_(delivery_ids), Delivery.recall_at.is_not(None), Publication.recalled_at.is_(None)
        )
        .order_by(Delivery.id)
    )
    return [(publication, delivery) for publication, delivery in session.execute(query)]


def write_receipt(
    session: Session, publication: Publication, decision: RecallDecision, *, signed: Signed
) -> bool:
    """Keep what a try came to, with its evidence; False when it was gone before."""
    written = (
        update(Publication)
        .where(Publication.id == publication.id, Publication.recalled_at.is_(None))
        .values(
            receipt=decision.receipt,
            receipt_reason=decision.reason,
            recall_tries=Publication.recall_tries + 1,
            recalled_at=signed.now if decision.receipt in DONE else None,
        )
        .returning(Publication.id)
    )
    if session.scalar(written, execution_options={"synchronize_session": False}) is None:
        return False
    planned = update(Delivery).where(Delivery.id == publication.delivery_id).values(next_at=decision.again_at)
    session.execute(planned, execution_options={"synchronize_session": False})
    line = Line(
        kind="takedown",
        state=State.PUBLISHED,
        reason=decision.reason,
        evidence={"receipt": decision.receipt, **decision.evidence.shown()},
    )
    note(session, [publication.delivery_id], line, signed)
    return True


def believe_gone(session: Session, delivery_id: int, *, at: datetime, signed: Signed) -> bool:
    """Write that it was taken down at `at`, as a journal says (rule 13); False when it was known."""
    query = select(Publication).where(Publication.delivery_id == delivery_id)
    decision = RecallDecision(receipt=Receipt.ALREADY_GONE, reason=GONE_JOURNALLED)
    return write_receipt(session, session.scalars(query).one(), decision, signed=replace(signed, now=at))
