"""From what a connector said to what the delivery becomes: protocol rules 4, 5 and 8 in one place."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from connectors.capabilities import Idempotency
from connectors.contract import Absent, Accepted, CannotTell, Finding, Found, Published, StillProcessing
from connectors.errors import (
    NO_EVIDENCE,
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
from scheduler.core.wording import N_

Outcome: TypeAlias = Published | Accepted | ConnectorError

UNPUBLISHED = (NotSent, RateLimited, NeedsRefresh, NeedsReconnect, Rejected, Unsupported)
"""Who says this certainly did not publish; anything else is ambiguous."""

RETRY_DELAYS_S = (10, 30, 120, 600, 1800, 3600)
LOOK_DELAYS_S = (10, 30, 120, 600, 3600)
DAILY_S = 86_400
JOURNAL_AGAIN_S = 10
TURN_AGAIN_S = 10
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
class Trying:
    """What a decision depends on besides the outcome itself; `attempts` counts the one just made."""

    attempts: int
    tainted: bool
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """What a decision after a look depends on; `looks` counts the earlier ones.

    `resend_until` ends the window in which a repeat with the same key is safe; None when it never is.
    What was `recalled` is never sent again.
    """

    state: State
    looks: int
    now: datetime
    resend_until: datetime | None
    recalled: bool = False


def decide(outcome: Outcome, trying: Trying) -> Decision:
    """The decision after publishing was tried; anything not known to be harmless counts as ambiguous.

    A tainted delivery stays unconfirmed whatever a later attempt says, unless that one succeeds (rule 5).
    """
    decision = _decide(outcome, trying)
    if not trying.tainted or decision.state in (State.PUBLISHED, State.PROCESSING):
        return decision
    look_at = decision.next_at or trying.now + look_delay(0)
    return replace(decision, state=State.UNCONFIRMED, next_at=look_at)


def decide_staging(error: ConnectorError, trying: Trying) -> Decision:
    """The decision after an invisible step failed: nothing was published, so nothing is ambiguous.

    An answer that nobody can read may be a page that says "back soon": it is tried again as well.
    """
    if isinstance(error, OutcomeUnknown | PlatformChanged):
        return decide(NotSent(error.reason, evidence=error.evidence), trying)
    return decide(error, trying)


def decide_unwritten(trying: Trying) -> Decision:
    """The decision when the journal could not be written: nothing was sent, and no attempt is used up."""
    reason = N_("the journal cannot be written, so nothing is sent: see postroad doctor")
    until = trying.now + timedelta(seconds=JOURNAL_AGAIN_S)
    return decide(RateLimited(reason, until=until), trying)


def decide_looking(finding: Finding, looking: Looking) -> Decision:
    """The decision after looking for a delivery that may be live (rule 8)."""
    match finding:
        case Found(published=published):
            return Decision(state=State.PUBLISHED, reason="", evidence=published.evidence, counts=False)
        case StillProcessing(again_s=again_s):
            again_at = looking.now + timedelta(seconds=again_s)
            return _stay(looking.state, again_at, N_("the platform is still working on it"), NO_EVIDENCE)
        case Absent(evidence=evidence, proof=proof):
            return _absent(evidence, looking, proof=proof)
        case CannotTell(reason=reason, evidence=evidence):
            return _stay(State.UNCONFIRMED, None, reason, evidence)


def decide_failed_look(error: ConnectorError, looking: Looking) -> Decision:
    """The decision when looking itself failed: nothing was learnt, look again later."""
    look_at = error.until if isinstance(error, RateLimited) else looking.now + look_delay(looking.looks)
    return _stay(looking.state, look_at, error.reason, error.evidence)


def decide_by(
    error: ConnectorError,
    state: State,
    *,
    next_at: datetime | None = None,
    counts: bool = True,
    taints: bool = False,
) -> Decision:
    """The decision for this state, with the reason and the evidence that the error brought."""
    return Decision(
        state=state,
        reason=error.reason,
        evidence=error.evidence,
        next_at=next_at,
        counts=counts,
        taints=taints,
    )


def resend_until(idempotency: Idempotency, window_s: int | None, first_sent_at: datetime) -> datetime | None:
    """When a repeat with the same key stops being safe, or None when it never is.

    Half the platform's window is kept as a margin; a window of None lasts for ever.
    """
    if idempotency not in (Idempotency.KEY, Idempotency.CONTAINER):
        return None
    return first_sent_at + (timedelta(days=3650) if window_s is None else timedelta(seconds=window_s / 2))


def look_delay(looks: int) -> timedelta:
    """How long to wait before look number `looks` + 1: 10 s, 30 s, 2 min, 10 min, 1 h, then daily."""
    return timedelta(seconds=LOOK_DELAYS_S[looks] if looks < len(LOOK_DELAYS_S) else DAILY_S)


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after `attempts` attempts that certainly did not publish."""
    return timedelta(seconds=RETRY_DELAYS_S[min(attempts, len(RETRY_DELAYS_S)) - 1])


def _decide(outcome: Outcome, trying: Trying) -> Decision:
    match outcome:
        case Published():
            return Decision(state=State.PUBLISHED, reason="", evidence=outcome.evidence)
        case Accepted():
            return _accepted(outcome, trying)
        case RateLimited():
            return _wait(outcome, outcome.until)
        case NeedsRefresh():
            return _retry(outcome, trying, delay=_renewal_delay(trying))
        case NotSent():
            return _retry(outcome, trying, delay=retry_delay(trying.attempts))
        case NeedsReconnect():
            return decide_by(outcome, State.HELD)
        case Rejected() | Unsupported():
            return decide_by(outcome, State.REJECTED)
        case _:
            return _ambiguous(outcome, trying)


def _accepted(outcome: Accepted, trying: Trying) -> Decision:
    return Decision(
        state=State.PROCESSING,
        reason=N_("the platform is still working on it"),
        evidence=outcome.evidence,
        next_at=trying.now + timedelta(seconds=outcome.again_s),
        taints=True,
    )


def _wait(error: ConnectorError, until: datetime) -> Decision:
    return decide_by(error, State.RETRYING, next_at=until, counts=False)


def _retry(error: ConnectorError, trying: Trying, *, delay: timedelta) -> Decision:
    if isinstance(error, NotSent) and not error.tried:
        return _wait(error, trying.now + timedelta(seconds=TURN_AGAIN_S))
    if trying.attempts >= ATTEMPTS_LIMIT:
        return decide_by(error, State.HELD)
    return decide_by(error, State.RETRYING, next_at=trying.now + delay)


def _renewal_delay(trying: Trying) -> timedelta:
    """At once after the first refusal, as a renewed token is at hand; then like any other retry."""
    return timedelta(0) if trying.attempts == 1 else retry_delay(trying.attempts)


def _ambiguous(error: ConnectorError, trying: Trying) -> Decision:
    return decide_by(error, State.UNCONFIRMED, next_at=trying.now + look_delay(0), taints=True)


def _absent(evidence: Evidence, looking: Looking, *, proof: bool) -> Decision:
    if proof and looking.recalled and looking.state is State.UNCONFIRMED:
        reason = N_("recalled, and not there")
        return Decision(state=State.CANCELLED, reason=reason, evidence=evidence, counts=False)
    in_window = looking.resend_until is not None and looking.now < looking.resend_until
    doubted = looking.state is State.UNCONFIRMED
    if doubted and not looking.recalled and (proof or in_window):
        return Decision(
            state=State.READY,
            reason=N_("looked for it: not there, sending again is safe"),
            evidence=evidence,
            next_at=looking.now,
            counts=False,
        )
    look_at = looking.now + look_delay(looking.looks)
    return _stay(State.UNCONFIRMED, look_at, N_("not in the listing, which proves nothing"), evidence)


def _stay(state: State, next_at: datetime | None, reason: str, evidence: Evidence) -> Decision:
    return Decision(state=state, reason=reason, evidence=evidence, next_at=next_at, counts=False)
