"""From what a connector said to what the delivery becomes: protocol rules 4, 5 and 8 in one place."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from connectors.capabilities import Idempotency
from connectors.contract import Absent, Accepted, CannotTell, Finding, Found, Published, StillProcessing
from connectors.errors import (
    ConnectorError,
    Evidence,
    NeedsReconnect,
    NeedsRefresh,
    NotSent,
    OutcomeUnknown,
    PlatformChanged,
    RateLimited,
    Rejected,
    Unsupported,
)
from scheduler.core.states import State

Outcome: TypeAlias = Published | Accepted | ConnectorError

RETRY_DELAYS_S = (10, 30, 120, 600, 1800, 3600)
LOOK_DELAYS_S = (10, 30, 120, 600, 3600)
DAILY_S = 86_400
ATTEMPTS_LIMIT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a delivery becomes. `next_at` (aware UTC) is when to look at it again, None when nobody must.

    `counts` says whether this used up an attempt; `taints` that it may be live from now on.
    """

    state: State
    reason: str
    evidence: Evidence
    next_at: datetime | None = None
    counts: bool = True
    taints: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a decision depends on besides the outcome itself; `attempts` counts the one just made."""

    attempts: int
    tainted: bool
    now: datetime


def decide(outcome: Outcome, standing: Standing) -> Decision:
    """The decision after publishing was tried; anything not known to be harmless counts as ambiguous."""
    match outcome:
        case Published():
            return Decision(state=State.PUBLISHED, reason="", evidence=outcome.evidence)
        case Accepted():
            again_at = standing.now + timedelta(seconds=outcome.again_s)
            return Decision(
                state=State.PROCESSING, reason="accepted", evidence=outcome.evidence, next_at=again_at
            )
        case RateLimited():
            return _wait(outcome, outcome.until)
        case NeedsRefresh():
            return _wait(outcome, standing.now)
        case NotSent():
            return _retry(outcome, standing)
        case NeedsReconnect():
            return _held(outcome)
        case Rejected() | Unsupported():
            return _rejected(outcome, standing)
        case _:
            return _ambiguous(outcome, standing)


def decide_staging(error: ConnectorError, standing: Standing) -> Decision:
    """The decision after an invisible step failed: nothing was published, so nothing is ambiguous."""
    if isinstance(error, OutcomeUnknown):
        return _retry(error, standing)
    if isinstance(error, PlatformChanged):
        return _held(error)
    return decide(error, standing)


def decide_looking(
    finding: Finding, standing: Standing, *, looks: int, resend_until: datetime | None
) -> Decision:
    """The decision after looking for an unconfirmed delivery (rule 8).

    `resend_until` ends the window in which a repeat with the same key is safe; None when it never is.
    """
    match finding:
        case Found(published=published):
            return Decision(state=State.PUBLISHED, reason="", evidence=published.evidence, counts=False)
        case StillProcessing(again_s=again_s):
            return _look_again(standing.now + timedelta(seconds=again_s), "still processing", Evidence())
        case Absent(evidence=evidence, proof=proof):
            if proof or (resend_until is not None and standing.now < resend_until):
                return Decision(
                    state=State.READY, reason="absent", evidence=evidence, next_at=standing.now, counts=False
                )
            return _look_again(standing.now + look_delay(looks), "not found in the listing", evidence)
        case CannotTell(reason=reason, evidence=evidence):
            return Decision(
                state=State.UNCONFIRMED, reason=reason, evidence=evidence, next_at=None, counts=False
            )


def resend_until(idempotency: Idempotency, window_s: int | None, first_sent_at: datetime) -> datetime | None:
    """When a repeat with the same key stops being safe; half the window is kept as a margin."""
    if idempotency not in (Idempotency.KEY, Idempotency.CONTAINER):
        return None
    if window_s is None:
        return datetime.max.replace(tzinfo=first_sent_at.tzinfo)
    return first_sent_at + timedelta(seconds=window_s / 2)


def look_delay(looks: int) -> timedelta:
    """How long to wait before look number `looks` + 1: 10 s, 30 s, 2 min, 10 min, 1 h, then daily."""
    return timedelta(seconds=LOOK_DELAYS_S[looks] if looks < len(LOOK_DELAYS_S) else DAILY_S)


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after `attempts` attempts that certainly did not publish."""
    return timedelta(seconds=RETRY_DELAYS_S[min(attempts, len(RETRY_DELAYS_S)) - 1])


def _wait(error: ConnectorError, until: datetime) -> Decision:
    return Decision(
        state=State.RETRYING, reason=error.reason, evidence=error.evidence, next_at=until, counts=False
    )


def _retry(error: ConnectorError, standing: Standing) -> Decision:
    if standing.attempts >= ATTEMPTS_LIMIT:
        return _held(error)
    next_at = standing.now + retry_delay(standing.attempts)
    return Decision(state=State.RETRYING, reason=error.reason, evidence=error.evidence, next_at=next_at)


def _held(error: ConnectorError) -> Decision:
    return Decision(state=State.HELD, reason=error.reason, evidence=error.evidence)


def _rejected(error: ConnectorError, standing: Standing) -> Decision:
    if standing.tainted:
        return _ambiguous(error, standing)
    return Decision(state=State.REJECTED, reason=error.reason, evidence=error.evidence)


def _ambiguous(error: ConnectorError, standing: Standing) -> Decision:
    return Decision(
        state=State.UNCONFIRMED,
        reason=error.reason,
        evidence=error.evidence,
        next_at=standing.now + look_delay(0),
        taints=True,
    )


def _look_again(next_at: datetime, reason: str, evidence: Evidence) -> Decision:
    return Decision(state=State.UNCONFIRMED, reason=reason, evidence=evidence, next_at=next_at, counts=False)
