"""Finding out that a database was put back to an earlier day, and recovering from it (rule 13).

Database and journal are compared before anything is sent. A journal that knows more, or that the database
does not know, stops the whole installation until a person has recovered it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from connectors.contract import Published
from connectors.errors import NO_EVIDENCE
from scheduler.core.outcomes import UNPUBLISHED, Decision
from scheduler.core.problems import refuse
from scheduler.core.roles import Person, Right
from scheduler.core.states import FINAL, State
from scheduler.core.stopping import Target
from scheduler.core.wording import N_
from scheduler.services.desk.pausing import pause_again
from scheduler.services.evidence.deciding import AHEAD, deciding, heed_decisions
from scheduler.services.evidence.journal import (
    CLOSED,
    DECIDED,
    EVER,
    GONE,
    INTENTS,
    RECALL,
    SENDING,
    Entry,
)
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.evidence import decided, forgotten, recalls
from scheduler.store.evidence.forgotten import Went
from scheduler.store.evidence.ledger import Line, Signed
from scheduler.store.evidence.sendings import Known, known_sendings
from scheduler.store.holding import stops
from scheduler.store.tables import Delivery

STRANGE = N_(
    "nothing is sent: this database and the journal in the data folder do not know each other. "
    "Was one of them copied, restored or lost, or a machine added? Run postroad recover"
)
JOURNALLED = N_("the journal says that it was sent, the database had lost it: it may be live")
CLOSED_JOURNALLED = N_("the journal says that a person looked: it is not there")
NEWEST = 2_000
LIVE = Published.__name__.lower()
REFUSALS = frozenset(outcome.__name__.lower() for outcome in UNPUBLISHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A delivery of which the journal knows more than the database; its first line is of `sent_at` (UTC).

    `delivery` and `state` are None when the database does not even have the delivery. `sent` says that the
    database does not know all its sendings, or not that it is live; `refused` that each was certainly
    refused, so that people may have corrected or cancelled it since. `live`, `recalled`, `closed` and `gone`
    are the lines that say so, where the journal has one that the database does not know.
    """

    delivery: int | None
    state: State | None
    sent_at: datetime
    sending: Entry
    sent: bool
    refused: bool
    live: Entry | None
    recalled: Entry | None
    closed: Entry | None
    gone: Entry | None

    @property
    def only_meant(self) -> bool:
        """True when only that is lost which a person meant to do as the process died: no restore."""
        decided = [one for one in (self.recalled, self.closed) if one]
        meant = all(one.kind in INTENTS.values() for one in decided)
        return self.delivery is not None and meant and not (self.sent or self.gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """People decided something `at` that instant (aware UTC), by the command `what`."""

    what: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the journal knows more than the database; `reason` is empty when nothing is wrong.

    `lost` are deliveries; `decided` what else people decided, oldest first.
    `damaged` counts lines that were cut off or changed, as by a power cut; `newest_at` is the last line's.
    """

    reason: str
    lost: tuple[Lost, ...]
    decided: tuple[Ruling, ...]
    entries: int
    damaged: int
    newest_at: datetime


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


def compare(runtime: Runtime, *, newest: int | None = None) -> Comparison:
    """Compare the whole journal, or the days of its `newest` entries, with the database.

    A restored database lacks the newest days first, so these tell. The journal is read before the database:
    what others write meanwhile is in the database by then.
    """
    pages = runtime.journal.read(at_least=newest)
    with runtime.begin() as session:
        stop = stops.reason_of_stop(session)
        until = stops.compared_until(session, runtime.journal.identity())
        entries = [entry for entry in pages.entries if entry.at > (until or EVER)]
        told = [entry for entry in entries if entry.kind != DECIDED]
        known = known_sendings(session, {entry.delivery for entry in told})
        rulings = _forgotten_rulings(session, entries)
    lost = _lost(told, known)
    ahead = "" if all(one.only_meant for one in lost) and not rulings else AHEAD
    return Comparison(
        reason=stop or (STRANGE if until is None else ahead),
        lost=lost,
        decided=rulings,
        entries=len(pages.entries),
        damaged=pages.damaged,
        newest_at=max((entry.at for entry in pages.entries), default=EVER),
    )


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


def _forgotten_rulings(session: Session, entries: Iterable[Entry]) -> tuple[Ruling, ...]:
    """What people decided and the database has no mark of; several processes may have journalled the same."""
    told = {entry.delivery: entry for entry in entries if entry.kind == DECIDED}
    lost = [told[uid] for uid in decided.unknown(session, told)]
    return tuple(Ruling(what=one.what, at=one.at) for one in sorted(lost, key=lambda one: one.at))


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


def _lost(entries: Sequence[Entry], known: Mapping[str, Known]) -> tuple[Lost, ...]:
    """What the entries tell and `known` does not, first sent first."""
    told = defaultdict[str, list[Entry]](list)
    for entry in sorted(entries, key=lambda entry: entry.at):
        told[entry.delivery].append(entry)
    lost = [one for uid, lines in told.items() if (one := _compare_one(lines, known.get(uid)))]
    return tuple(sorted(lost, key=lambda one: one.sent_at))


def _compare_one(lines: Sequence[Entry], known: Known | None) -> Lost | None:
    """None when the database has every sending of this delivery, its proof, and what people decided."""
    sendings = [entry for entry in lines if entry.kind == SENDING]
    live, gone = _first(lines, LIVE, GONE), _first(lines, GONE)
    recalled = _first(lines, RECALL, GONE) or _first(lines, INTENTS[RECALL])
    closed = None if live else _closed(lines)
    sent = _lost_sight(sendings, [entry for entry in lines if entry.kind in (LIVE, GONE)], known)
    if known:
        live = live if sent else None
        recalled = None if known.recalled else recalled
        closed = closed if closed and (sent or known.state in _open_for(closed)) else None
        gone = None if known.gone else gone
        if not (sent or recalled or closed or gone):
            return None
    first, last = (sendings[0], sendings[-1]) if sendings else (lines[0], lines[-1])
    return Lost(
        delivery=known.id if known else None,
        state=known.state if known else None,
        sent_at=first.at,
        sending=last,
        sent=sent,
        refused=sent and not live and known is not None and not known.tainted and _refused(lines),
        live=live,
        recalled=recalled,
        closed=closed,
        gone=gone,
    )


def _closed(lines: Sequence[Entry]) -> Entry | None:
    """The line that says that a person found it absent, unless it was sent again since."""
    last = next((number for number, one in enumerate(reversed(lines)) if one.kind == SENDING), len(lines))
    since = lines[len(lines) - last :]
    return _first(since, CLOSED) or _first(since, INTENTS[CLOSED])


def _open_for(closed: Entry) -> Collection[State]:
    """The states in which a database does not know it: any but an end; the doubt when it was only meant."""
    return {State.UNCONFIRMED} if closed.kind in INTENTS.values() else set(State) - FINAL


def _refused(lines: Sequence[Entry]) -> bool:
    """True when each sending was answered, before the next, by what certainly did not publish."""
    told = [entry.kind for entry in lines if entry.kind == SENDING or entry.attempt]
    return all(
        after in REFUSALS for kind, after in zip(told, [*told[1:], ""], strict=True) if kind == SENDING
    )


def _first(lines: Sequence[Entry], *kinds: str) -> Entry | None:
    return next((entry for entry in lines if entry.kind in kinds), None)


def _lost_sight(sendings: Sequence[Entry], proofs: Sequence[Entry], known: Known | None) -> bool:
    """True when it may be live, and the database does not know that.

    The proof of an attempt may be missing where the attempt is known: its worker could not write it, and what
    was sent is looked for. What a look or a person found was in the database before it was in the journal.
    """
    if known is None:
        return bool(sendings or proofs)
    unknown = [entry for entry in sendings if entry.at not in known.sent_at]
    unknown += [entry for entry in proofs if not (entry.attempt and known.sent_at)]
    return bool(unknown) and not known.live


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
