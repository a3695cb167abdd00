"""What became of a delivery, by an answer or by a look, with its proof."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, case, insert, literal, null, select, true, update
from sqlalchemy.orm import Session

from connectors.contract import Published
from connectors.errors import NO_EVIDENCE
from scheduler.core.outcomes import Decision
from scheduler.core.states import State, require_edge
from scheduler.core.verifying import verify_at
from scheduler.store.deliveries.moving import (
    RECALLED,
    UNSENT,
    cancel_recalled,
    count_moved,
    instant,
    moved_ids,
    still,
    written_by,
)
from scheduler.store.ledger import Line, Signed, decided, note, note_each
from scheduler.store.sets import NUMBER, WORDS, given, one_of
from scheduler.store.tables import Delivery, Publication

NOT_LIVE = frozenset({State.RETRYING, State.HELD, State.REJECTED})
CERTAIN = NOT_LIVE | {State.PUBLISHED}


def record(session: Session, decisions: Mapping[int, Decision], *, token: str, signed: Signed) -> set[int]:
    """Write what became of claimed or sending deliveries, with its evidence; the ids that were still ours.

    Equal decisions share one statement. A delivery that lapsed meanwhile still learns what is certain: that
    it was published, or was not. The second is decided only of what was in no doubt when it was claimed,
    and while the token is ours nobody else sent it: the lapse's doubt ends with it.
    """
    written: set[int] = set()
    for decision, ids in _alike(decisions).items():
        sources, cleared = [State.CLAIMED, State.SENDING], {}
        if decision.state in CERTAIN:
            sources.append(State.UNCONFIRMED)
        if decision.state in NOT_LIVE:
            looks = case((Delivery.state == State.UNCONFIRMED, Delivery.looks + 1), else_=Delivery.looks)
            cleared = {"tainted": False, "looks": looks}
        ours = (one_of(Delivery.id, ids), Delivery.claim_token == token, still(*sources))
        outcome = update(Delivery).where(*ours).values(**written_by(decision, signed.now), **cleared)
        written.update(moved_ids(session, outcome))
    note_each(session, {id_: decided("outcome", decisions[id_]) for id_ in sorted(written)}, signed)
    unsent = [id_ for id_ in written if decisions[id_].state in UNSENT]
    if unsent:
        recalled = cancel_recalled(session, unsent, UNSENT)
        note(session, recalled, Line(kind="recall", state=State.CANCELLED, reason=RECALLED), signed)
    return written


def _alike(decisions: Mapping[int, Decision]) -> dict[Decision, list[int]]:
    """The deliveries by what is written into their rows."""
    alike: dict[Decision, list[int]] = defaultdict(list)
    for id_, decision in sorted(decisions.items()):
        alike[replace(decision, evidence=NO_EVIDENCE)].append(id_)
    return alike


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


def proves_another(session: Session, delivery: Delivery, remote_id: str) -> bool:
    """Whether what is at this remote id is known as another delivery's publication on the same channel.

    A unique index refuses what this look was too early for.
    """
    known = select(Publication.id).where(
        Publication.channel_id == delivery.channel_id,
        Publication.remote_id == remote_id,
        Publication.delivery_id != delivery.id,
    )
    return session.scalar(known.limit(1)) is not None


def add_publication(
    session: Session, delivery: Delivery, published: Published, *, confirmed_by: str, now: datetime
) -> None:
    """Keep the proof that a delivery is live; call it in the transaction that made it published."""
    add_publications(session, [(delivery, published)], confirmed_by=confirmed_by, now=now)


def add_publications(
    session: Session,
    published: Collection[tuple[Delivery, Published]],
    *,
    confirmed_by: str,
    now: datetime,
) -> None:
    """Keep the proofs of many, with one statement."""
    if not published:
        return
    proofs = [
        {"id": delivery.id, "remote_id": live.remote_id, "url": live.url} for delivery, live in published
    ]
    new = given(session, proofs, {"id": NUMBER, "remote_id": WORDS, "url": WORDS}).c
    written = {
        Publication.organisation_id: Delivery.organisation_id,
        Publication.delivery_id: Delivery.id,
        Publication.post_id: Delivery.post_id,
        Publication.channel_id: Delivery.channel_id,
        Publication.remote_id: new.remote_id,
        Publication.url: new.url,
        Publication.confirmed_by: literal(confirmed_by),
        Publication.published_at: instant(now),
        Publication.harvest_at: _where_known(new.remote_id, now),
        Publication.verify_at: _where_known(new.remote_id, verify_at(now)),
    }
    proven = select(*written.values()).join_from(Delivery, new.id.table, Delivery.id == new.id)
    session.execute(insert(Publication).from_select(list(written), proven))


def _where_known(remote_id: ColumnElement[str], at: datetime) -> ColumnElement[datetime | None]:
    return case((remote_id != "", instant(at)), else_=null())
