"""Which publications are to be read back, and what that came to. A delivery's state is never touched."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, exists, select, update
from sqlalchemy.orm import Session

from connectors.errors import NO_EVIDENCE
from scheduler.core.states import State
from scheduler.core.verifying import SOON, Verdict, Verified
from scheduler.store.columns import Instant
from scheduler.store.evidence.ledger import Line, Signed, note_each
from scheduler.store.locking import lock
from scheduler.store.sets import one_of
from scheduler.store.tables import Channel, Delivery, Publication

ANNOUNCE_AGAIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class ToRead:
    """A publication to read back."""

    publication: Publication
    delivery: Delivery
    platform: str

    @property
    def published_at(self) -> datetime:
        """When it went live, aware UTC; only what has such a time is read."""
        return self.publication.published_at or self.delivery.due_at


def take_readings(session: Session, *, now: datetime, by: datetime, limit: int) -> list[int]:
    """Ids of published deliveries to read back by then, oldest first; the same not again for two minutes."""
    found = session.execute(_unread(), {"by": by, "limit": limit}).all()
    if found:
        _write(session, Publication.id.in_([row.id for row in found]), verify_at=now + ANNOUNCE_AGAIN)
    return [row.delivery_id for row in found]


@cache
def _unread() -> Select[int, int]:
    return (
        select(Publication.id, Publication.delivery_id)
        .where(Publication.verify_at <= bindparam("by", type_=Instant()), Publication.recalled_at.is_(None))
        .order_by(Publication.verify_at, Publication.id)
        .limit(bindparam("limit", type_=BigInteger()))
        .with_for_update(skip_locked=True)
    )


def to_read(session: Session, delivery_ids: Collection[int], *, now: datetime) -> list[ToRead]:
    """Those of the deliveries that are live, were not recalled and are to be read back."""
    query = (
        select(Publication, Delivery, Channel.platform)
        .join(Delivery, Delivery.id == Publication.delivery_id)
        .join(Channel, Channel.id == Publication.channel_id)
        .where(
            Delivery.id.in_(delivery_ids),
            Publication.verify_at.is_not(None),
            Publication.published_at <= now - SOON,
            Publication.recalled_at.is_(None),
            Delivery.recall_at.is_(None),
        )
        .order_by(Delivery.id)
    )
    return [ToRead(*row) for row in session.execute(query)]


def write_verdicts(
    session: Session, verdicts: Collection[tuple[Publication, Verified]], *, signed: Signed
) -> set[int]:
    """Keep what each reading came to; the ids of the publications of which it is kept.

    What was recalled, or read by another, in the meantime stays as it is. Equal verdicts share a statement,
    and one that matches leaves no line of evidence. Two who settle the same wait for each other.
    """
    lock(session, Publication.id, one_of(Publication.id, [publication.id for publication, _ in verdicts]))
    alike: dict[tuple[Verified, int], list[int]] = defaultdict(list)
    for publication, verified in verdicts:
        alike[replace(verified, evidence=NO_EVIDENCE), publication.verify_tries].append(publication.id)
    kept: set[int] = set()
    for (verified, tries), ids in alike.items():
        kept.update(_keep(session, ids, verified, tries=tries))
    told = {
        publication.delivery_id: _line(verified)
        for publication, verified in verdicts
        if publication.id in kept and verified.verdict not in (None, Verdict.MATCHING)
    }
    note_each(session, told, signed)
    return kept


def give_up_readings(session: Session, publication_ids: Collection[int], *, reason: str) -> None:
    """Note of publications why nobody can read them back, without a line of evidence.

    What another came to meanwhile stays: it may have a connector that this process lacks.
    """
    verified = Verified(verdict=Verdict.CANNOT_TELL, reason=reason)
    unread = and_(Publication.id.in_(publication_ids), Publication.verify_at.is_not(None))
    _write(session, unread, **_values(verified))


def put_off_readings(session: Session, times: Collection[tuple[Publication, datetime]]) -> None:
    """Read publications no sooner than this; what another came to meanwhile stays."""
    for publication, at in sorted(times, key=lambda one: one[0].id):
        as_seen = and_(Publication.id == publication.id, Publication.verify_tries == publication.verify_tries)
        _write(session, and_(as_seen, Publication.verify_at.is_not(None)), verify_at=at)


def _keep(session: Session, publication_ids: Collection[int], verified: Verified, *, tries: int) -> list[int]:
    recalled = exists().where(Delivery.id == Publication.delivery_id, Delivery.recall_at.is_not(None))
    written = (
        update(Publication)
        .where(
            one_of(Publication.id, publication_ids),
            Publication.verify_tries == tries,
            Publication.recalled_at.is_(None),
            ~recalled,
        )
        .values(**_values(verified), verify_tries=Publication.verify_tries + 1)
        .returning(Publication.id)
    )
    return list(session.scalars(written, execution_options={"synchronize_session": False}))


def _values(verified: Verified) -> dict[str, object]:
    return {
        "verdict": verified.verdict or "",
        "verdict_reason": verified.reason,
        "verify_at": verified.again_at,
    }


def _line(verified: Verified) -> Line:
    evidence = {"verdict": verified.verdict, **verified.evidence.shown()}
    return Line(kind="verification", state=State.PUBLISHED, reason=verified.reason, evidence=evidence)


def _write(session: Session, where: ColumnElement[bool], **values: object) -> None:
    session.execute(
        update(Publication).where(where).values(**values), execution_options={"synchronize_session": False}
    )
