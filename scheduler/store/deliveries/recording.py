"""What became of a delivery, by an answer or by a look, with its proof."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache

from sqlalchemy import bindparam, case, select, true, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from connectors.contract import Published
from connectors.errors import NO_EVIDENCE
from scheduler.core.outcomes import Decision
from scheduler.core.states import State, require_edge
from scheduler.core.verifying import verify_at
from scheduler.store.bulk import write
from scheduler.store.columns import Instant
from scheduler.store.deliveries.moving import (
    RECALLED,
    UNSENT,
    Kind,
    cancel_recalled,
    count_moved,
    kind_of,
    moved,
    still,
    written,
    written_by,
)
from scheduler.store.evidence.ledger import Line, Signed, decided, note, note_each
from scheduler.store.locking import lock
from scheduler.store.sets import IDS, among, one_of
from scheduler.store.tables import Delivery, Publication

NOT_LIVE = frozenset({State.RETRYING, State.HELD, State.REJECTED})
CERTAIN = NOT_LIVE | {State.PUBLISHED}
PUBLICATIONS = Publication.metadata.tables[Publication.__tablename__]
COLUMNS = (
    "organisation_id",
    "delivery_id",
    "post_id",
    "channel_id",
    "remote_id",
    "url",
    "confirmed_by",
    "published_at",
    "harvest_at",
    "verify_at",
)


def record(session: Session, decisions: Mapping[int, Decision], *, token: str, signed: Signed) -> set[int]:
    """Write what became of claimed or sending deliveries, with its evidence; the ids that were still ours.

    Equal decisions share one statement. A delivery that lapsed meanwhile still learns what is certain: that
    it was published, or was not. The second is decided only of what was in no doubt when it was claimed,
    and while the token is ours nobody else sent it: the lapse's doubt ends with it.
    """
    alike, ours = _alike(decisions), set[int]()
    if len(alike) > 1:
        lock(session, Delivery.id, one_of(Delivery.id, decisions))
    for decision, ids in alike.items():
        said = {"why": decision.reason, "then": decision.next_at, "now": signed.now}
        ours.update(moved(session, _outcome(kind_of(decision)), {IDS: ids, "token": token, **said}))
    note_each(session, {id_: decided("outcome", decisions[id_]) for id_ in sorted(ours)}, signed)
    unsent = [id_ for id_ in ours if decisions[id_].state in UNSENT]
    if unsent:
        recalled = cancel_recalled(session, unsent, UNSENT)
        note(session, recalled, Line(kind="recall", state=State.CANCELLED, reason=RECALLED), signed)
    return ours


@cache
def _outcome(kind: Kind) -> ReturningUpdate[int]:
    """Run with IDS, `token`, `why`, `then` and `now`."""
    now, then = bindparam("now", type_=Instant()), bindparam("then", type_=Instant())
    sources, cleared = [State.CLAIMED, State.SENDING], {}
    if kind.state in CERTAIN:
        sources.append(State.UNCONFIRMED)
    if kind.state in NOT_LIVE:
        looks = case((Delivery.state == State.UNCONFIRMED, Delivery.looks + 1), else_=Delivery.looks)
        cleared = {"tainted": False, "looks": looks}
    ours = (among(Delivery.id), Delivery.claim_token == bindparam("token"), still(*sources))
    outcome = written(kind, reason=bindparam("why"), next_at=then, now=now)
    return update(Delivery).where(*ours).values(**outcome, **cleared).returning(Delivery.id)


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
    rows = [
        (
            delivery.organisation_id,
            delivery.id,
            delivery.post_id,
            delivery.channel_id,
            live.remote_id,
            live.url,
            confirmed_by,
            now,
            now if live.remote_id else None,
            verify_at(now) if live.remote_id else None,
        )
        for delivery, live in published
    ]
    write(session, PUBLICATIONS, COLUMNS, rows)
