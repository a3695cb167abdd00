"""What the journal knows more than a database that was put back to an earlier day or is another (rule 13)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from connectors.contract import Published
from scheduler.core.outcomes import UNPUBLISHED
from scheduler.core.states import FINAL, State
from scheduler.core.wording import N_
from scheduler.services.evidence.deciding import AHEAD
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
from scheduler.store.evidence import decided
from scheduler.store.evidence.sendings import KnownDelivery, known_sendings
from scheduler.store.holding import stops

STRANGE = N_(
    "nothing is sent: this database and the journal in the data folder do not know each other. "
    "Was one of them copied, restored or lost, or a machine added? Run postroad recover"
)
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


def _forgotten_rulings(session: Session, entries: Iterable[Entry]) -> tuple[Ruling, ...]:
    """What people decided and the database has no mark of; several processes may have journalled the same."""
    told = {entry.delivery: entry for entry in entries if entry.kind == DECIDED}
    lost = [told[uid] for uid in decided.unknown(session, told)]
    return tuple(Ruling(what=one.what, at=one.at) for one in sorted(lost, key=lambda one: one.at))


def _lost(entries: Sequence[Entry], known: Mapping[str, KnownDelivery]) -> tuple[Lost, ...]:
    """What the entries tell and `known` does not, first sent first."""
    told = defaultdict[str, list[Entry]](list)
    for entry in sorted(entries, key=lambda entry: entry.at):
        told[entry.delivery].append(entry)
    lost = [one for uid, lines in told.items() if (one := _compare_one(lines, known.get(uid)))]
    return tuple(sorted(lost, key=lambda one: one.sent_at))


def _compare_one(lines: Sequence[Entry], known: KnownDelivery | None) -> Lost | None:
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


def _lost_sight(sendings: Sequence[Entry], proofs: Sequence[Entry], known: KnownDelivery | None) -> bool:
    """True when it may be live, and the database does not know that.

    The proof of an attempt may be missing where the attempt is known: its worker could not write it, and what
    was sent is looked for. What a look or a person found was in the database before it was in the journal.
    """
    if known is None:
        return bool(sendings or proofs)
    unknown = [entry for entry in sendings if entry.at not in known.sent_at]
    unknown += [entry for entry in proofs if not (entry.attempt and known.sent_at)]
    return bool(unknown) and not known.live
