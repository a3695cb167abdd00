"""What people decide: a doubt is ended, a post is recalled."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    and_,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from scheduler.core.states import State, require_edge
from scheduler.core.wording import N_
from scheduler.store.deliveries.moving import (
    ENDED_UNSENT,
    STOPPABLE,
    cancel_recalled,
    count_moved,
    instant,
    moved_ids,
    take_down_at,
)
from scheduler.store.evidence.ledger import Line, Signed, note, note_each
from scheduler.store.locking import lock
from scheduler.store.sets import one_of
from scheduler.store.tables import Attempt, Delivery, Publication

PROOF_LASTS = timedelta(minutes=5)
QUARANTINE = timedelta(minutes=10)
NOT_THERE = N_("a person looked: it is not there")
SENT_AGAIN = N_("a person decided to send it again")
RECALL_JOURNALLED = N_("the journal says that it was recalled")


def settle(session: Session, delivery_id: int, state: State, *, said: Line, signed: Signed) -> bool:
    """End a doubt by a person's word: published, cancelled, or ready for one repeat; False when too early.

    That it is absent can be said only after the quarantine, and nothing recalled is sent again. It counts
    as a look, so that one under way cannot overwrite it.
    """
    require_edge(State.UNCONFIRMED, state)
    doubtful = (Delivery.id == delivery_id, Delivery.state == State.UNCONFIRMED)
    moved = {"state": state, "looks": Delivery.looks + 1, "updated_at": signed.now}
    settled = update(Delivery).where(*doubtful).values(**moved)
    if state is State.PUBLISHED:
        settled = settled.values(reason="", next_at=take_down_at(instant(signed.now)))
    elif state is State.READY:
        window = {"resend_before": signed.now + PROOF_LASTS, "next_at": signed.now}
        settled = settled.values(reason=SENT_AGAIN, **window)
        settled = settled.where(_out_of_quarantine(signed.now), Delivery.recall_at.is_(None))
    else:
        settled = settled.values(reason=NOT_THERE, next_at=None).where(_out_of_quarantine(signed.now))
    if count_moved(session, settled) == 0:
        return False
    note(session, [delivery_id], said, signed)
    return True


def recall(session: Session, post_ids: Collection[int], *, reason: str, signed: Signed) -> list[int]:
    """Take back everything of these posts that is not gone yet; the ids of the deliveries.

    What was not sent is cancelled; what may be live is looked for, and taken down as soon as it is found.
    What had ended unsent is marked as well: a database put back to before that end would send it.
    """
    wanted = one_of(Delivery.post_id, post_ids)
    return _take_back(session, wanted, at=signed.now, reason=reason, signed=signed)


def recall_again(session: Session, delivery_id: int, *, at: datetime, signed: Signed) -> None:
    """Take back what a journal says was recalled at `at`, and this database lost sight of (rule 13)."""
    _take_back(session, Delivery.id == delivery_id, at=at, reason=RECALL_JOURNALLED, signed=signed)


def _take_back(
    session: Session, wanted: ColumnElement[bool], *, at: datetime, reason: str, signed: Signed
) -> list[int]:
    lock(session, Delivery.id, wanted)
    gone = exists().where(Publication.delivery_id == Delivery.id, Publication.recalled_at.is_not(None))
    marked = (
        update(Delivery)
        .where(wanted, or_(Delivery.state.not_in(ENDED_UNSENT), Delivery.recall_at.is_(None)), ~gone)
        .values(recall_at=func.coalesce(Delivery.recall_at, instant(at)), updated_at=signed.now)
    )
    ids = moved_ids(session, marked)
    cancel_recalled(session, ids, STOPPABLE)
    theirs = one_of(Delivery.id, ids)
    freed = {"claim_token": None, "lease_until": None, "next_at": signed.now}
    doubtful = and_(theirs, Delivery.state.in_((State.READY, State.CLAIMED)))
    moved_ids(session, update(Delivery).where(doubtful).values(state=State.UNCONFIRMED, **freed))
    live = and_(theirs, Delivery.state == State.PUBLISHED)
    moved_ids(session, update(Delivery).where(live).values(next_at=signed.now))
    became = session.execute(select(Delivery.id, Delivery.state).where(theirs)).all()
    lines = {id_: Line(kind="recall", state=State(state), reason=reason) for id_, state in became}
    note_each(session, lines, signed)
    return ids


def _out_of_quarantine(now: datetime) -> ColumnElement[bool]:
    """Nothing of it left here so lately that the platform may still be at work on it."""
    lately = now - QUARANTINE
    sent = exists().where(Attempt.delivery_id == Delivery.id, Attempt.kind == "sending", Attempt.at > lately)
    return and_(func.coalesce(Delivery.first_sent_at, instant(lately)) <= lately, ~sent)
