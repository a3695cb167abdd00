"""The only writer of a delivery's state: every move is one UPDATE guarded by state and claim token (rule 1).

A guarded UPDATE that changes no row means somebody else won: the caller stops quietly. `now` comes from the
caller's clock, instants are aware UTC.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Update,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from connectors.contract import Published
from scheduler.core.lateness import TOLERANCES, Lateness
from scheduler.core.outcomes import Decision
from scheduler.core.states import State, require_edge
from scheduler.core.stopping import spaced
from scheduler.core.wording import N_
from scheduler.store.ledger import Line, Signed, decided, note
from scheduler.store.pauses import covered, paused
from scheduler.store.stops import stopped
from scheduler.store.tables import Attempt, Delivery, Publication

ANNOUNCE_AGAIN = timedelta(seconds=30)
PROOF_LASTS = timedelta(minutes=5)
QUARANTINE = timedelta(minutes=10)
WAITING = (State.SCHEDULED, State.READY, State.RETRYING)
UNSENT = (*WAITING, State.HELD)
ENDED_UNSENT = (State.REJECTED, State.MISSED, State.CANCELLED)
LOOKED_AT = (State.UNCONFIRMED, State.PROCESSING)
ANNOUNCED = (State.READY, *LOOKED_AT, State.PUBLISHED)

NOT_APPROVED = N_("due, but not approved")
TOO_LATE = N_("later than its tolerance: a person must decide")
LIMIT_PASSED = N_("later than its hard limit")
RECALLED = N_("recalled")
NOT_THERE = N_("a person looked: it is not there")
SENT_AGAIN = N_("a person decided to send it again")
CHANGED = N_("the content in hand is not the content that was approved")
LAPSED = N_("the worker vanished while sending: it may be live")
WINDOW_PASSED = N_("the window for a safe repeat has passed: it may be live")
RESTORED = N_("due when the database was recovered: look whether it is live, then release it")


def schedule(session: Session, delivery: Delivery) -> None:
    """Add a new delivery in its first state, to be looked at when it is due."""
    delivery.state = State.SCHEDULED
    delivery.next_at = delivery.due_at
    session.add(delivery)


def reschedule(session: Session, delivery: Delivery, *, key: str, now: datetime) -> bool:
    """Give an untouched, changed delivery back to the planner under a new key; False when too late for it."""
    moved = (
        update(Delivery)
        .where(Delivery.id == delivery.id, Delivery.state.in_(UNSENT), Delivery.tainted.is_(false()))
        .values(
            state=State.SCHEDULED,
            next_at=delivery.due_at,
            key=key,
            generation=Delivery.generation + 1,
            approved_hash=None,
            released_at=None,
            staged={},
            attempts=0,
            reason="",
            updated_at=now,
        )
    )
    return _moved(session, moved) == 1


def cancel(session: Session, ids: Collection[int], *, reason: str, now: datetime) -> list[int]:
    """Cancel those of `ids` of which nothing was or is being sent; the ids that were."""
    cancelled = (
        update(Delivery)
        .where(Delivery.id.in_(ids), Delivery.state.in_(UNSENT), Delivery.tainted.is_(false()))
        .values(state=State.CANCELLED, reason=reason, next_at=None, updated_at=now)
    )
    return _ids(session, cancelled)


def release(session: Session, ids: Collection[int], *, signed: Signed) -> list[int]:
    """Let held deliveries go on by a person's decision, their lateness counted from now; the ids that did."""
    released = (
        update(Delivery)
        .where(Delivery.id.in_(ids), Delivery.state == State.HELD)
        .values(
            state=State.SCHEDULED,
            next_at=case((Delivery.due_at > signed.now, Delivery.due_at), else_=_instant(signed.now)),
            released_at=signed.now,
            reason="",
            updated_at=signed.now,
        )
    )
    moved = _ids(session, released)
    note(session, moved, Line(kind="release", state=State.SCHEDULED), signed)
    return moved


def settle(session: Session, delivery_id: int, state: State, *, said: Line, signed: Signed) -> bool:
    """End a doubt by a person's word: published, cancelled, or ready for one repeat; False when too early.

    That it is absent can be said only after the quarantine, and nothing recalled is sent again.
    """
    require_edge(State.UNCONFIRMED, state)
    doubtful = (Delivery.id == delivery_id, Delivery.state == State.UNCONFIRMED)
    settled = update(Delivery).where(*doubtful).values(state=state, updated_at=signed.now)
    if state is State.PUBLISHED:
        settled = settled.values(reason="", next_at=_take_down_at(signed.now))
    elif state is State.READY:
        window = {"resend_before": signed.now + PROOF_LASTS, "next_at": signed.now, "looks": 0}
        settled = settled.values(reason=SENT_AGAIN, **window)
        settled = settled.where(_out_of_quarantine(signed.now), Delivery.recall_at.is_(None))
    else:
        settled = settled.values(reason=NOT_THERE, next_at=None).where(_out_of_quarantine(signed.now))
    if _moved(session, settled) == 0:
        return False
    note(session, [delivery_id], said, signed)
    return True


def recall(session: Session, post_ids: Collection[int], *, reason: str, signed: Signed) -> list[int]:
    """Take back everything of these posts that is not gone yet; the ids of the deliveries.

    What was not sent is cancelled; what may be live is looked for, and taken down as soon as it is found.
    """
    gone = exists().where(Publication.delivery_id == Delivery.id, Publication.recalled_at.is_not(None))
    marked = (
        update(Delivery)
        .where(Delivery.post_id.in_(post_ids), Delivery.state.not_in(ENDED_UNSENT), ~gone)
        .values(recall_at=func.coalesce(Delivery.recall_at, _instant(signed.now)), updated_at=signed.now)
    )
    ids = _ids(session, marked)
    _cancel_recalled(session, ids, (*UNSENT, State.CLAIMED))
    freed = {"claim_token": None, "lease_until": None, "next_at": signed.now}
    doubtful = and_(Delivery.id.in_(ids), Delivery.state.in_((State.READY, State.CLAIMED)))
    _ids(session, update(Delivery).where(doubtful).values(state=State.UNCONFIRMED, **freed))
    live = and_(Delivery.id.in_(ids), Delivery.state == State.PUBLISHED)
    _ids(session, update(Delivery).where(live).values(next_at=signed.now))
    for id_, state in session.execute(select(Delivery.id, Delivery.state).where(Delivery.id.in_(ids))).all():
        note(session, [id_], Line(kind="recall", state=State(state), reason=reason), signed)
    return ids


def make_ready(session: Session, *, now: datetime) -> int:
    """Move what is due, approved and not paused to ready; how many."""
    due = (
        update(Delivery)
        .where(
            Delivery.state.in_((State.SCHEDULED, State.RETRYING)),
            Delivery.next_at <= now,
            Delivery.approved_hash.is_not(None),
            ~paused(),
            ~stopped(),
        )
        .values(state=State.READY, next_at=now, updated_at=now)
    )
    return _moved(session, due)


def space_out(session: Session, pause_ids: Collection[int], *, now: datetime) -> int:
    """Give what became due during these pauses its turn, a minute apart on each channel; how many."""
    waiting = (
        select(Delivery.id, Delivery.channel_id)
        .where(
            Delivery.state.in_(WAITING),
            Delivery.next_at <= now,
            Delivery.approved_hash.is_not(None),
            Delivery.tainted.is_(false()),
            covered(pause_ids),
            ~paused(),
        )
        .order_by(Delivery.due_at, Delivery.id)
    )
    found = [(row.id, row.channel_id) for row in session.execute(waiting)]
    turns = [{"delivery_id": id_, "turn_at": turn_at} for id_, turn_at in spaced(found, now=now)]
    given = (
        update(Delivery)
        .where(Delivery.id == bindparam("delivery_id"), or_(*(Delivery.state == state for state in WAITING)))
        .values(next_at=bindparam("turn_at"), updated_at=now)
    )
    if turns:
        session.connection().execute(given, turns)
    return len(turns)


def sweep_late(session: Session, *, now: datetime) -> int:
    """Hold what is later than its tolerance and miss what is past its limit; how many (rule 11)."""
    return sum(_sweep_late(session, lateness, now) for lateness in Lateness)


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
    in_doubt = _ids(session, doubtful)
    line = Line(kind="lapse", state=State.UNCONFIRMED, reason=LAPSED)
    note(session, in_doubt, line, Signed(worker="", now=now))
    return _moved(session, freed) + len(in_doubt)


def take_announcements(session: Session, *, now: datetime, limit: int) -> list[int]:
    """Ids a worker should attend to now, earliest first; the same id is not given again for 30 s."""
    waiting = (
        select(Delivery.id)
        .where(
            Delivery.state.in_(ANNOUNCED),
            Delivery.next_at <= now,
            or_(Delivery.state != State.READY, and_(~paused(), ~stopped())),
        )
        .order_by(Delivery.next_at, Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(session.scalars(waiting))
    session.execute(
        update(Delivery).where(Delivery.id.in_(ids)).values(next_at=now + ANNOUNCE_AGAIN),
        execution_options={"synchronize_session": False},
    )
    return ids


def claim(
    session: Session, ids: Collection[int], *, token: str, now: datetime, lease: timedelta
) -> list[Delivery]:
    """Claim those of `ids` that are ready, whoever else tries at the same time; the claimed rows."""
    ready = (
        select(Delivery.id)
        .where(Delivery.id.in_(ids), Delivery.state == State.READY)
        .order_by(Delivery.id)
        .with_for_update(skip_locked=True)
    )
    won = _ids(
        session,
        update(Delivery)
        .where(Delivery.id.in_(list(session.scalars(ready))), Delivery.state == State.READY)
        .values(state=State.CLAIMED, claim_token=token, lease_until=now + lease, updated_at=now),
    )
    return list(session.scalars(select(Delivery).where(Delivery.id.in_(won)).order_by(Delivery.due_at)))


def save_staged(session: Session, handles: Mapping[int, Mapping[str, str]], *, token: str) -> None:
    """Keep what was staged so far, for as long as the claim is ours."""
    for delivery_id, handle in handles.items():
        session.execute(
            update(Delivery)
            .where(Delivery.id == delivery_id, Delivery.state == State.CLAIMED, Delivery.claim_token == token)
            .values(staged=dict(handle))
        )


def mark_sending(
    session: Session, hashes: Mapping[int, str], *, token: str, lease: timedelta, signed: Signed
) -> set[int]:
    """Move claimed deliveries to sending where every condition of rule 3 holds; the ids that may be sent.

    `hashes` maps each id to the hash of the bytes in hand. Commit this before the first byte (rule 2).
    """
    allowed = (
        update(Delivery)
        .where(
            _ours(token, State.CLAIMED),
            tuple_(Delivery.id, Delivery.approved_hash).in_(list(hashes.items())),
            or_(Delivery.tainted.is_(false()), Delivery.resend_before > signed.now),
            ~paused(),
            ~stopped(),
        )
        .values(
            state=State.SENDING,
            lease_until=signed.now + lease,
            first_sent_at=case(
                (Delivery.first_sent_at.is_(None), _instant(signed.now)),
                else_=Delivery.first_sent_at,
            ),
            updated_at=signed.now,
        )
    )
    moved = _ids(session, allowed)
    note(session, moved, Line(kind="sending", state=State.SENDING), signed)
    return set(moved)


def turn_away(session: Session, hashes: Mapping[int, str], *, token: str, now: datetime) -> None:
    """Give back what `mark_sending` refused: paused waits, doubtful is looked for, changed is held."""
    refused = and_(_ours(token, State.CLAIMED), Delivery.id.in_(list(hashes)))
    in_hand = tuple_(Delivery.id, func.coalesce(Delivery.approved_hash, ""))
    matching = in_hand.in_(list(hashes.items()))
    doubtful = and_(refused, Delivery.tainted, or_(~matching, Delivery.resend_before <= now))
    _give_back(session, doubtful, State.UNCONFIRMED, WINDOW_PASSED, now)
    _give_back(session, and_(refused, matching), State.READY, "", now)
    _give_back(session, refused, State.HELD, CHANGED, None)


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
        .values(**_written(decision, signed.now))
    )
    if _moved(session, written) == 0:
        return False
    note(session, [delivery_id], decided("outcome", decision), signed)
    if decision.state in UNSENT and _cancel_recalled(session, [delivery_id], UNSENT):
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
        .values(**_written(decision, signed.now), looks=Delivery.looks + 1, resend_before=resend_before)
    )
    if _moved(session, looked) == 0:
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


def believe_journal(
    session: Session,
    delivery_id: int,
    decision: Decision,
    *,
    sent: Mapping[str, object],
    signed: Signed,
) -> bool:
    """Write what a journal knows of a delivery that this database lost sight of (rule 13).

    `sent` has the columns that tell how it was sent: key, due_at, first_sent_at. A database put back to an
    earlier day may believe anything but that it is published, so every other state gives way.
    """
    believed = (
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state != State.PUBLISHED)
        .values(**_written(decision, signed.now), claim_token=None, **sent)
    )
    if _moved(session, believed) == 0:
        return False
    note(session, [delivery_id], decided("recovery", decision), signed)
    return True


def hold_due(session: Session, *, signed: Signed) -> list[int]:
    """Hold what is due and not sent, as far as this database knows; what may be live is looked for."""
    due = or_(
        Delivery.state.in_((State.READY, State.CLAIMED)),
        and_(Delivery.state.in_((State.SCHEDULED, State.RETRYING)), Delivery.next_at <= signed.now),
    )
    freed = {"reason": RESTORED, "claim_token": None, "lease_until": None, "updated_at": signed.now}
    _ids(session, update(Delivery).where(due, Delivery.tainted).values(state=State.UNCONFIRMED, **freed))
    held = _ids(session, update(Delivery).where(due).values(state=State.HELD, next_at=None, **freed))
    note(session, held, Line(kind="recovery", state=State.HELD, reason=RESTORED), signed)
    return held


def waiting_looks(session: Session, ids: Collection[int]) -> list[Delivery]:
    """Those of `ids` whose outcome must be looked for."""
    return list(session.scalars(select(Delivery).where(Delivery.id.in_(ids), Delivery.state.in_(LOOKED_AT))))


def next_due_at(session: Session) -> datetime | None:
    """The earliest instant at which the planner has something to do, None when it never will."""
    open_states = (State.SCHEDULED, State.RETRYING, *ANNOUNCED)
    return session.scalar(
        select(Delivery.next_at)
        .where(Delivery.state.in_(open_states), Delivery.next_at.is_not(None))
        .order_by(Delivery.next_at)
        .limit(1)
    )


def count_by_state(session: Session) -> dict[State, int]:
    """How many deliveries are in each state that has any."""
    rows = session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
    return {State(state): number for state, number in rows}


def _sweep_late(session: Session, lateness: Lateness, now: datetime) -> int:
    tolerance = TOLERANCES[lateness]
    missed = _let_go(lateness, State.MISSED, tolerance.limit, UNSENT, LIMIT_PASSED, now)
    held = _let_go(lateness, State.HELD, tolerance.publish, WAITING, TOO_LATE, now)
    return _moved(session, missed) + _moved(session, held)


def _let_go(
    lateness: Lateness, state: State, after: timedelta, sources: Collection[State], reason: str, now: datetime
) -> Update:
    """Out of `sources` to `state` what is later than `after`; `next_at` lets an index find it."""
    wanted_at = func.coalesce(Delivery.released_at, Delivery.due_at)
    return (
        update(Delivery)
        .where(
            Delivery.state.in_(sources),
            or_(Delivery.next_at <= now, Delivery.next_at.is_(None)),
            Delivery.lateness == lateness,
            Delivery.tainted.is_(false()),
            wanted_at < now - after,
        )
        .values(
            state=state,
            reason=case((Delivery.approved_hash.is_(None), NOT_APPROVED), else_=reason),
            next_at=None,
            updated_at=now,
        )
    )


def _cancel_recalled(session: Session, ids: Collection[int], sources: Collection[State]) -> list[int]:
    """Cancel those of `ids` that were recalled and certainly not sent; the ids that were."""
    recalled = and_(Delivery.id.in_(ids), Delivery.recall_at.is_not(None), Delivery.tainted.is_(false()))
    freed = {"claim_token": None, "lease_until": None, "next_at": None, "reason": RECALLED}
    unsent = update(Delivery).where(recalled, Delivery.state.in_(sources))
    return _ids(session, unsent.values(state=State.CANCELLED, **freed))


def _out_of_quarantine(now: datetime) -> ColumnElement[bool]:
    """Nothing of it left here so lately that the platform may still be at work on it."""
    lately = now - QUARANTINE
    sent = exists().where(Attempt.delivery_id == Delivery.id, Attempt.kind == "sending", Attempt.at > lately)
    return and_(func.coalesce(Delivery.first_sent_at, _instant(lately)) <= lately, ~sent)


def _take_down_at(now: datetime) -> ColumnElement[datetime | None]:
    """What is found live after its recall is taken down at once."""
    return case((Delivery.recall_at.is_not(None), _instant(now)), else_=null())


def _instant(at: datetime) -> ColumnElement[datetime]:
    return literal(at, Delivery.due_at.type)


def _ours(token: str, state: State) -> ColumnElement[bool]:
    return and_(Delivery.claim_token == token, Delivery.state == state)


def _give_back(
    session: Session, where: ColumnElement[bool], state: State, reason: str, next_at: datetime | None
) -> None:
    require_edge(State.CLAIMED, state)
    session.execute(
        update(Delivery)
        .where(where)
        .values(state=state, reason=reason, next_at=next_at, claim_token=None, lease_until=None),
        execution_options={"synchronize_session": False},
    )


def _written(decision: Decision, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {
        "state": decision.state,
        "reason": decision.reason,
        "next_at": decision.next_at,
        "lease_until": None,
        "updated_at": now,
    }
    if decision.state is State.PUBLISHED:
        values["next_at"] = _take_down_at(now)
    if decision.counts:
        values["attempts"] = Delivery.attempts + 1
    if decision.taints:
        values["tainted"] = True
    return values


def _ids(session: Session, statement: Update) -> list[int]:
    returning = statement.returning(Delivery.id)
    return list(session.scalars(returning, execution_options={"synchronize_session": False}))


def _moved(session: Session, statement: Update) -> int:
    return len(_ids(session, statement))
