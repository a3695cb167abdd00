"""From what a platform said to a request to take something down, to its receipt (rule 12)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connectors.contract import Absent, AlreadyGone, CannotDelete, Deleted, Deletion, Finding, Found
from connectors.errors import (
    NO_EVIDENCE,
    ConnectorError,
    Evidence,
    NeedsReconnect,
    NeedsRefresh,
    RateLimited,
    Rejected,
    Unsupported,
)
from scheduler.core.clocks import NOTHING
from scheduler.core.outcomes import look_delay
from scheduler.core.states import State
from scheduler.core.wording import N_

PROVED = N_("looked for afterwards: not there")
STILL_THERE = N_("deleted, and still there when looked for")
NO_ID = N_("its id on the platform is not known")


class Receipt(StrEnum):
    """What became of one delivery of what was recalled; PERSON means that the API cannot."""

    DELETED = "deleted"
    ALREADY_GONE = "already_gone"
    PERSON = "person"
    AGAIN = "again"
    CANCELLED = "cancelled"
    IN_DOUBT = "in_doubt"


DONE = frozenset({Receipt.DELETED, Receipt.ALREADY_GONE, Receipt.CANCELLED})


@dataclass(frozen=True, slots=True)
class TakenDown:
    """What the platform said, and what was found afterwards; None where nobody looked."""

    deletion: Deletion
    finding: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallDecision:
    """The receipt of one try. `again_at` (aware UTC) is when to try again, None when nobody must."""

    receipt: Receipt
    reason: str = ""
    evidence: Evidence = NO_EVIDENCE
    again_at: datetime | None = None


def decide_recall(answer: TakenDown | ConnectorError, *, tries: int, now: datetime) -> RecallDecision:
    """The decision after a try; `tries` counts the earlier ones. Taking down is safe to repeat."""
    match answer:
        case TakenDown(deletion=CannotDelete(reason=reason)):
            return RecallDecision(receipt=Receipt.PERSON, reason=reason)
        case TakenDown(finding=Found()):
            return RecallDecision(receipt=Receipt.AGAIN, reason=STILL_THERE, again_at=now + look_delay(tries))
        case TakenDown():
            return _gone(answer)
        case NeedsReconnect() | Rejected() | Unsupported():
            return RecallDecision(receipt=Receipt.PERSON, reason=answer.reason, evidence=answer.evidence)
        case _:
            return _again(answer, tries, now)


def receipt_of(state: State, receipt: str, *, published: bool) -> Receipt:
    """The receipt of a recalled delivery in this state; `receipt` is the stored one of its publication."""
    if state in (State.CANCELLED, State.MISSED, State.REJECTED):
        return Receipt.CANCELLED
    if not published:
        return Receipt.IN_DOUBT
    return Receipt(receipt or Receipt.AGAIN)


def _gone(taken: TakenDown) -> RecallDecision:
    proved = isinstance(taken.finding, Absent) and taken.finding.proof
    kinds = {Deleted: Receipt.DELETED, AlreadyGone: Receipt.ALREADY_GONE}
    return RecallDecision(receipt=kinds[type(taken.deletion)], reason=PROVED if proved else "")


def _again(error: ConnectorError, tries: int, now: datetime) -> RecallDecision:
    again_at = now + look_delay(tries)
    if isinstance(error, RateLimited):
        again_at = error.until
    if isinstance(error, NeedsRefresh):
        again_at = now + (look_delay(0) if tries else NOTHING)
    return RecallDecision(
        receipt=Receipt.AGAIN, reason=error.reason, evidence=error.evidence, again_at=again_at
    )
