"""The protocol's decisions, as tables and properties."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.capabilities import Idempotency
from connectors.contract import Absent, Accepted, CannotTell, Finding, Found, Published, StillProcessing
from connectors.errors import (
    ConnectorError,
    NeedsReconnect,
    NeedsRefresh,
    NotSent,
    OutcomeUnknown,
    PlatformChanged,
    RateLimited,
    Rejected,
    Unsupported,
)
from scheduler.core.outcomes import (
    ATTEMPTS_LIMIT,
    LOOK_DELAYS_S,
    UNPUBLISHED,
    Looking,
    Outcome,
    Trying,
    decide,
    decide_failed_look,
    decide_looking,
    decide_staging,
    look_delay,
    resend_until,
)
from scheduler.core.states import EDGES, FINAL, ImpossibleTransition, State, require_edge

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=3)
LIVE = Published(remote_id="1", url="https://example.test/1")
ERRORS: list[ConnectorError] = [
    NotSent("x"),
    NotSent("x", tried=False),
    RateLimited("x", until=LATER),
    OutcomeUnknown("x"),
    NeedsRefresh("x"),
    NeedsReconnect("x"),
    Rejected("x", field="text"),
    Unsupported("x"),
    PlatformChanged("x"),
]
OUTCOMES: list[Outcome] = [LIVE, Accepted(handle={}, again_s=5), *ERRORS]


def trying(*, attempts: int = 1, tainted: bool = False) -> Trying:
    return Trying(attempts=attempts, tainted=tainted, now=NOW)


def looking(*, window: datetime | None = None, looks: int = 0, state: State = State.UNCONFIRMED) -> Looking:
    return Looking(state=state, looks=looks, now=NOW, resend_until=window)


@pytest.mark.parametrize(
    ("outcome", "state", "counts", "taints"),
    [
        (LIVE, State.PUBLISHED, True, False),
        (Accepted(handle={}, again_s=5), State.PROCESSING, True, True),
        (NotSent("x"), State.RETRYING, True, False),
        (RateLimited("x", until=LATER), State.RETRYING, False, False),
        (NeedsRefresh("x"), State.RETRYING, True, False),
        (NeedsReconnect("x"), State.HELD, True, False),
        (Rejected("x", field="text"), State.REJECTED, True, False),
        (Unsupported("x"), State.REJECTED, True, False),
        (OutcomeUnknown("x"), State.UNCONFIRMED, True, True),
        (PlatformChanged("x"), State.UNCONFIRMED, True, True),
    ],
)
def test_each_outcome_has_its_state(outcome: Outcome, state: State, *, counts: bool, taints: bool) -> None:
    decision = decide(outcome, trying())
    assert (decision.state, decision.counts, decision.taints) == (state, counts, taints)
    assert isinstance(outcome, UNPUBLISHED) or taints or state is State.PUBLISHED
    assert not (isinstance(outcome, UNPUBLISHED) and taints)


@given(st.sampled_from(OUTCOMES), st.integers(1, 50))
def test_after_an_ambiguous_attempt_only_success_ends_the_doubt(outcome: Outcome, attempts: int) -> None:
    decision = decide(outcome, trying(attempts=attempts, tainted=True))
    assert decision.state in (State.PUBLISHED, State.PROCESSING, State.UNCONFIRMED)
    assert decision.state is State.PUBLISHED or decision.next_at is not None


@given(outcome=st.sampled_from(OUTCOMES), attempts=st.integers(1, 50), tainted=st.booleans())
def test_every_decision_is_an_edge(outcome: Outcome, attempts: int, *, tainted: bool) -> None:
    decision = decide(outcome, trying(attempts=attempts, tainted=tainted))
    require_edge(State.SENDING, decision.state)


@given(error=st.sampled_from(ERRORS), attempts=st.integers(1, 50), tainted=st.booleans())
def test_a_failed_staging_never_makes_a_clean_delivery_doubtful(
    error: ConnectorError, attempts: int, *, tainted: bool
) -> None:
    decision = decide_staging(error, trying(attempts=attempts, tainted=tainted))
    require_edge(State.CLAIMED, decision.state)
    assert tainted or (decision.state is not State.UNCONFIRMED and not decision.taints)


@pytest.mark.parametrize("error", [OutcomeUnknown("x"), PlatformChanged("a web page")])
def test_a_draft_that_got_no_readable_answer_is_laid_out_again(error: ConnectorError) -> None:
    assert decide_staging(error, trying()).state is State.RETRYING
    assert decide_staging(error, trying(attempts=ATTEMPTS_LIMIT)).state is State.HELD


def test_a_wait_in_our_own_queue_costs_no_attempt() -> None:
    decision = decide(NotSent("x", tried=False), trying(attempts=ATTEMPTS_LIMIT))
    assert (decision.state, decision.counts) == (State.RETRYING, False)
    assert decision.next_at is not None
    assert decision.next_at > NOW


def test_retries_end_with_a_person() -> None:
    assert decide(NotSent("x"), trying(attempts=ATTEMPTS_LIMIT - 1)).state is State.RETRYING
    assert decide(NotSent("x"), trying(attempts=ATTEMPTS_LIMIT)).state is State.HELD
    assert decide(RateLimited("x", until=LATER), trying(attempts=ATTEMPTS_LIMIT)).state is State.RETRYING


@pytest.mark.parametrize(
    ("finding", "window", "state"),
    [
        (Found(published=LIVE), None, State.PUBLISHED),
        (Absent(proof=True), None, State.READY),
        (Absent(proof=False), None, State.UNCONFIRMED),
        (Absent(proof=False), LATER, State.READY),
        (Absent(proof=False), NOW - timedelta(seconds=1), State.UNCONFIRMED),
        (StillProcessing(again_s=9), None, State.UNCONFIRMED),
        (CannotTell(reason="no history"), None, State.UNCONFIRMED),
    ],
)
def test_each_finding_has_its_state(finding: Finding, window: datetime | None, state: State) -> None:
    assert decide_looking(finding, looking(window=window)).state is state


@pytest.mark.parametrize("proof", [True, False])
def test_what_was_accepted_and_is_gone_is_doubted_before_it_is_sent_again(*, proof: bool) -> None:
    """Found by the simulation, 2026-11-22: processing went to ready, which is no edge, and the look died."""
    decision = decide_looking(Absent(proof=proof), looking(window=LATER, state=State.PROCESSING))
    require_edge(State.PROCESSING, decision.state)
    assert decision.next_at is not None


def test_what_was_accepted_may_be_live_from_then_on() -> None:
    assert decide(Accepted(handle={}, again_s=5), trying()).taints


def test_a_token_that_goes_on_being_refused_is_asked_for_more_and_more_rarely() -> None:
    waits = [decide(NeedsRefresh("x"), trying(attempts=attempts)).next_at for attempts in (1, 2, 3)]
    assert waits[0] == NOW
    assert NOW < waits[1] < waits[2]  # type: ignore[operator]


def test_where_nobody_can_tell_nobody_looks_again() -> None:
    assert decide_looking(CannotTell(reason="no history"), looking()).next_at is None


@given(st.sampled_from(ERRORS), st.sampled_from([State.UNCONFIRMED, State.PROCESSING]))
def test_a_failed_look_changes_nothing_and_is_repeated(error: ConnectorError, state: State) -> None:
    decision = decide_failed_look(error, looking(state=state))
    assert decision.state is state
    assert decision.next_at is not None
    assert decision.next_at > NOW


def test_looks_grow_rarer_and_end_daily() -> None:
    delays = [look_delay(looks).total_seconds() for looks in range(len(LOOK_DELAYS_S) + 2)]
    assert delays == [10, 30, 120, 600, 3600, 86_400, 86_400]


@pytest.mark.parametrize("protection", list(Idempotency))
def test_a_repeat_is_safe_only_by_key_or_container(protection: Idempotency) -> None:
    until = resend_until(protection, 3600, NOW)
    safe = protection in (Idempotency.KEY, Idempotency.CONTAINER)
    assert until == (NOW + timedelta(minutes=30) if safe else None)


def test_final_states_have_no_way_out_and_sending_none_back_to_ready() -> None:
    assert {State.PUBLISHED, State.REJECTED, State.MISSED, State.CANCELLED} == FINAL
    assert State.READY not in EDGES[State.SENDING]
    with pytest.raises(ImpossibleTransition):
        require_edge(State.SENDING, State.READY)
