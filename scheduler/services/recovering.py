"""Finding out that a database was put back to an earlier day, and recovering from it (rule 13).

Database and journal are compared before anything is sent. A journal that knows more, or that the database
does not know, stops the whole installation until a person has recovered it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from connectors.contract import Published
from connectors.errors import NO_EVIDENCE
from scheduler.core.outcomes import Decision
from scheduler.core.problems import refuse
from scheduler.core.roles import Right
from scheduler.core.states import State
from scheduler.core.wording import N_
from scheduler.services.journal import SENDING, Entry, Journal
from scheduler.services.members import Person
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries, stops
from scheduler.store.ledger import Signed
from scheduler.store.sendings import Known, anything_sent, known_sendings
from scheduler.store.tables import Delivery
from scheduler.store.unit_of_work import UnitOfWork

AHEAD = N_(
    "nothing is sent: the journal knows of deliveries that this database lost sight of. "
    "Was an older copy restored? Run postroad recover"
)
STRANGE = N_(
    "nothing is sent: this database and the journal in the data folder do not know each other. "
    "Was one of them copied, restored or lost, or a machine added? Run postroad recover"
)
JOURNALLED = N_("the journal says that it was sent, the database had lost it: it may be live")
NEWEST = 2_000
EVER = datetime(1970, 1, 1, tzinfo=UTC)
LIVE = Published.__name__.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A delivery that was sent at `sent_at` (aware UTC), and the database does not know it.

    `delivery` and `state` are None when the database does not even have the delivery; `live` is the line that
    says that it is published, where the journal has one.
    """

    delivery: int | None
    state: State | None
    sent_at: datetime
    sending: Entry
    live: Entry | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the journal knows more than the database; `reason` is empty when nothing is wrong.

    `damaged` counts lines that were cut off or changed, as by a power cut; `newest_at` is the last line's.
    """

    reason: str
    lost: tuple[Lost, ...]
    entries: int
    damaged: int
    newest_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """How many deliveries became what; `missing` ones were sent and are not in the database at all."""

    published: int
    unconfirmed: int
    held: int
    missing: int


def adopt(begin: UnitOfWork, journal: Journal) -> None:
    """Make a new database and a new journal known to each other; nothing when either has a past."""
    identity, written = journal.identity(), journal.read(at_least=1).entries
    with begin() as session:
        if not written and not stops.knows_journals(session) and not anything_sent(session):
            stops.set_compared(session, identity, until=EVER)


def require_agreement(runtime: Runtime) -> None:
    """Return when database and journal agree; otherwise stop everything until `recover`, and Refused."""
    reason = compare(runtime, newest=NEWEST).reason
    if reason:
        _stop(runtime, reason)
        raise refuse(reason)


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
        known = known_sendings(session, {entry.delivery for entry in entries})
    lost = _lost(entries, known)
    return Comparison(
        reason=stop or (STRANGE if until is None else AHEAD if lost else ""),
        lost=lost,
        entries=len(pages.entries),
        damaged=pages.damaged,
        newest_at=max((entry.at for entry in pages.entries), default=EVER),
    )


def recover(runtime: Runtime, *, by: Person) -> Recovery:
    """Write what the journal knows into the database, hold what is due, and let sending go on.

    What the journal knows the remote id of becomes published, the rest unconfirmed, to be looked for.
    """
    by.require(Right.APPROVE)
    _stop(runtime, compare(runtime, newest=NEWEST).reason or AHEAD)
    comparison = compare(runtime)
    signed = Signed(worker=by.name, now=runtime.clock.now())
    with runtime.begin() as session:
        believed = [_believe(session, one, signed) for one in comparison.lost]
        held = deliveries.hold_due(session, signed=signed)
        until = max(signed.now, comparison.newest_at)
        stops.set_compared(session, runtime.journal.identity(), until=until)
        stops.lift(session)
    return Recovery(
        published=believed.count(State.PUBLISHED),
        unconfirmed=believed.count(State.UNCONFIRMED),
        held=len(held),
        missing=believed.count(None),
    )


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
    """None when the database has every sending of this delivery, and the proof if it is live."""
    sendings = [entry for entry in lines if entry.kind == SENDING]
    live = next((entry for entry in lines if entry.kind == LIVE), None)
    if known and (known.live or (not live and all(entry.at in known.sent_at for entry in sendings))):
        return None
    first, last = (sendings[0], sendings[-1]) if sendings else (lines[0], lines[-1])
    return Lost(
        delivery=known.id if known else None,
        state=known.state if known else None,
        sent_at=first.at,
        sending=last,
        live=live,
    )


def _believe(session: Session, lost: Lost, signed: Signed) -> State | None:
    """What the delivery became; None when there is none in the database to become anything."""
    if lost.delivery is None:
        return None
    decision = _decide(lost, signed)
    deliveries.believe_journal(session, lost.delivery, decision, sent=_as_sent(lost), signed=signed)
    if lost.live:
        published = Published(remote_id=lost.live.remote_id, url=lost.live.url)
        delivery = session.get_one(Delivery, lost.delivery)
        deliveries.add_publication(session, delivery, published, confirmed_by="journal", now=lost.live.at)
    return decision.state


def _decide(lost: Lost, signed: Signed) -> Decision:
    if lost.live:
        return Decision(state=State.PUBLISHED, reason="", evidence=NO_EVIDENCE)
    return Decision(
        state=State.UNCONFIRMED, reason=JOURNALLED, evidence=NO_EVIDENCE, next_at=signed.now, taints=True
    )


def _as_sent(lost: Lost) -> dict[str, object]:
    """The columns as they were when it was sent: a platform knows it by this key, time and staged object."""
    told = {
        "key": lost.sending.key,
        "due_at": lost.sending.due_at,
        "first_sent_at": lost.sending.first_sent_at or lost.sent_at,
        "staged": dict(lost.sending.staged),
    }
    return {name: value for name, value in told.items() if value}
