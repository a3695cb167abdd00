"""What this database knows of what was sent: the evidence a journal is compared with (rule 13)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.core.states import State
from scheduler.store.tables import Attempt, Delivery, Publication

CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDelivery:
    """A delivery as the database sees it: when it was sent (aware UTC), and whether there is proof of it.

    `recalled` says that it knows of a recall, `gone` that it was taken down since, `tainted` that it may be
    live.
    """

    id: int
    state: State
    live: bool
    recalled: bool
    gone: bool
    tainted: bool
    sent_at: set[datetime] = field(default_factory=set)


def known_sendings(session: Session, uids: Collection[str]) -> dict[str, KnownDelivery]:
    """What is known of those of the deliveries that the database has, by uid."""
    known: dict[str, KnownDelivery] = {}
    for chunk in _chunks(sorted(uids)):
        known |= _known(session, chunk)
    return known


def anything_sent(session: Session) -> bool:
    """True when this database has evidence of any attempt."""
    return session.scalar(select(Attempt.id).limit(1)) is not None


def _known(session: Session, uids: Sequence[str]) -> dict[str, KnownDelivery]:
    rows = session.execute(
        select(
            Delivery.uid,
            Delivery.id,
            Delivery.state,
            Delivery.recall_at,
            Delivery.tainted,
            Publication.recalled_at,
        )
        .add_columns(Publication.id.is_not(None).label("live"))
        .outerjoin(Publication, Publication.delivery_id == Delivery.id)
        .where(Delivery.uid.in_(uids))
    )
    known = {
        row.uid: KnownDelivery(
            id=row.id,
            state=State(row.state),
            live=row.live,
            recalled=row.recall_at is not None,
            gone=row.recalled_at is not None,
            tainted=row.tainted,
        )
        for row in rows
    }
    sent = (
        select(Delivery.uid, Attempt.at)
        .join(Attempt, Attempt.delivery_id == Delivery.id)
        .where(Delivery.uid.in_(uids), Attempt.kind == "sending")
    )
    for uid, at in session.execute(sent):
        known[uid].sent_at.add(at)
    return known


def _chunks(uids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (uids[start : start + CHUNK] for start in range(0, len(uids), CHUNK))
