"""What is done about a database that was put back to an earlier day (rule 13).

Database and journal are compared before anything is sent. A journal that knows more, or that the database
does not know, stops the whole installation until a person has recovered it.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from connectors.contract import Published
from connectors.errors import NO_EVIDENCE
from scheduler.core.outcomes import Decision
from scheduler.core.problems import refuse
from scheduler.core.roles import Person, Right
from scheduler.core.states import State
from scheduler.core.stopping import Target
from scheduler.core.wording import N_
from scheduler.services.desk.pausing import pause_again
from scheduler.services.evidence.comparing import NEWEST, Lost, compare
from scheduler.services.evidence.deciding import AHEAD, deciding, heed_decisions
from scheduler.services.evidence.journal import INTENTS, Entry
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.evidence import forgotten, recalls
from scheduler.store.evidence.forgotten import Went
from scheduler.store.evidence.ledger import Line, Signed
from scheduler.store.holding import stops
from scheduler.store.tables import Delivery

JOURNALLED = N_("the journal says that it was sent, the database had lost it: it may be live")
CLOSED_JOURNALLED = N_("the journal says that a person looked: it is not there")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """How many deliveries became what; `missing` ones are not in the database, `closed` ones a person ended.

    A recalled one is counted as published or unconfirmed as well, when it was sent and that was lost too.
    `paused` are the pauses that were lost, and are in force again.
    """

    published: int
    unconfirmed: int
    held: int
    missing: int
    recalled: int
    closed: int
    paused: tuple[Target, ...]


def require_agreement(runtime: Runtime) -> None:
    """Return when database and journal agree; otherwise stop everything until `recover`, and Refused.

    What a person meant to do when the process died is done: a recall, or that nothing is sent any more.
    """
    comparison = compare(runtime, newest=NEWEST)
    if comparison.reason:
        _stop(runtime, comparison.reason)
        raise refuse(comparison.reason)
    signed = Signed(worker=runtime.worker, now=runtime.clock.now())
    with runtime.begin() as session:
        for one in comparison.lost:
            _believe(session, one, signed)
        heed_decisions(runtime, session)


def recover(runtime: Runtime, *, by: Person) -> Recovery:
    """Write what the journal knows into the database, hold what is planned, and let sending go on.

    What the journal knows the remote id of becomes published, what was certainly refused is held as well,
    the rest becomes unconfirmed, to be looked for. What was recalled is recalled again: unsent it is
    cancelled, live it is taken down. What the database does not even have is remembered: the import refuses
    it, and what was imported since is held. What was paused since is paused again: what may be live would be
    sent again where that is safe.
    """
    by.require(Right.RECOVER)
    _stop(runtime, compare(runtime, newest=NEWEST).reason or AHEAD)
    comparison = compare(runtime)
    signed = Signed(worker=by.name, now=runtime.clock.now())
    with deciding(runtime, "recover") as session:
        known = [one for one in comparison.lost if one.delivery is not None]
        for one in known:
            _believe(session, one, signed)
        went = _forgotten(comparison.lost)
        forgotten.remember(session, went)
        held = deliveries.hold_again(session, forgotten.waiting_again(session, went), signed=signed)
        held += deliveries.hold_planned(session, signed=signed)
        paused = pause_again(session, runtime, {one.what: one.at for one in comparison.decided}, by=by)
        until = max(signed.now, comparison.newest_at)
        stops.set_compared(session, runtime.journal.identity(), until=until)
        stops.lift(session)
    return Recovery(
        published=sum(one.live is not None for one in known),
        unconfirmed=sum(one.sent and not (one.live or one.closed or one.refused) for one in known),
        held=len(held) + sum(one.refused and not (one.recalled or one.closed) for one in known),
        missing=len(comparison.lost) - len(known),
        recalled=sum(one.recalled is not None for one in known),
        closed=sum(one.closed is not None for one in known),
        paused=tuple(paused),
    )


def _forgotten(lost: Collection[Lost]) -> list[Went]:
    """What went out, or was recalled, and is in no row: an import would bring it under the same names."""
    return [
        Went(
            post=one.sending.post,
            channel=one.sending.channel,
            at=one.sent_at,
            url=one.live.url if one.live else "",
        )
        for one in lost
        if one.delivery is None and (one.recalled or (one.sent and not one.closed))
    ]


def _stop(runtime: Runtime, reason: str) -> None:
    with runtime.begin() as session:
        stops.stop(session, reason, now=runtime.clock.now())


def _believe(session: Session, lost: Lost, signed: Signed) -> None:
    """Sent, live, recalled, closed, gone: in the order in which it happened, as far as it was lost."""
    if lost.delivery is None:
        return
    if lost.sent:
        _believe_sent(session, lost.delivery, lost, signed)
    if lost.recalled:
        deliveries.recall_again(session, lost.delivery, at=lost.recalled.at, signed=signed)
    if lost.closed:
        _close(session, lost.delivery, lost.closed, signed)
    if lost.gone:
        recalls.believe_gone(session, lost.delivery, at=lost.gone.at, signed=signed)


def _close(session: Session, delivery_id: int, closed: Entry, signed: Signed) -> None:
    """What was only meant ends a doubt; what was done is believed whatever the database says."""
    if closed.kind in INTENTS.values():
        said = Line(kind="recovery", state=State.CANCELLED, reason=CLOSED_JOURNALLED)
        deliveries.settle(session, delivery_id, State.CANCELLED, said=said, signed=signed)
    else:
        ended = Decision(state=State.CANCELLED, reason=CLOSED_JOURNALLED, evidence=NO_EVIDENCE)
        deliveries.believe_journal(session, delivery_id, ended, sent={}, signed=signed)


def _believe_sent(session: Session, delivery_id: int, lost: Lost, signed: Signed) -> None:
    delivery = session.get_one(Delivery, delivery_id)
    live = lost.live.remote_id if lost.live else ""
    if live and deliveries.proves_another(session, delivery, live):
        lost = replace(lost, live=None)
    decision = _decide(lost, signed)
    deliveries.believe_journal(session, delivery_id, decision, sent=_as_sent(lost, delivery), signed=signed)
    if lost.live:
        published = Published(remote_id=lost.live.remote_id, url=lost.live.url)
        deliveries.add_publication(session, delivery, published, confirmed_by="journal", now=lost.live.at)


def _decide(lost: Lost, signed: Signed) -> Decision:
    if lost.live:
        return Decision(state=State.PUBLISHED, reason="", evidence=NO_EVIDENCE)
    if lost.refused:
        return Decision(state=State.HELD, reason=deliveries.RESTORED, evidence=NO_EVIDENCE, counts=False)
    return Decision(
        state=State.UNCONFIRMED, reason=JOURNALLED, evidence=NO_EVIDENCE, next_at=signed.now, taints=True
    )


def _as_sent(lost: Lost, delivery: Delivery) -> dict[str, object]:
    """The columns as they were when it was sent: a platform knows it by this key, time and staged object.

    Under another key other words were sent than this database has: these are approved no more.
    """
    told: dict[str, object] = {
        "key": lost.sending.key,
        "due_at": lost.sending.due_at,
        "first_sent_at": lost.sending.first_sent_at or lost.sent_at,
        "staged": dict(lost.sending.staged),
    }
    known = {name: value for name, value in told.items() if value}
    return known if known.get("key", delivery.key) == delivery.key else known | {"approved_hash": None}
