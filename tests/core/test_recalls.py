"""Each answer to a request to take something down becomes one receipt."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import Absent, AlreadyGone, CannotDelete, CannotTell, Deleted, Found, Published
from connectors.errors import (
    ConnectorError,
    NeedsReconnect,
    NeedsRefresh,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)
from scheduler.core.outcomes import Looking, decide_looking
from scheduler.core.recalls import PROVED, Receipt, TakenDown, decide_recall, receipt_of
from scheduler.core.states import State

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
LIVE = Found(published=Published(remote_id="1", url="https://example.org/1"))


@pytest.mark.parametrize(
    ("answer", "receipt", "reason", "wait_s"),
    [
        (TakenDown(Deleted()), Receipt.DELETED, "", None),
        (TakenDown(Deleted(), Absent(proof=True)), Receipt.DELETED, PROVED, None),
        (TakenDown(Deleted(), Absent(proof=False)), Receipt.DELETED, "", None),
        (TakenDown(Deleted(), CannotTell(reason="x")), Receipt.DELETED, "", None),
        (TakenDown(AlreadyGone()), Receipt.ALREADY_GONE, "", None),
        (TakenDown(CannotDelete(reason="too old")), Receipt.PERSON, "too old", None),
        (TakenDown(CannotDelete(reason="not ours"), LIVE), Receipt.PERSON, "not ours", None),
        (NeedsReconnect("dead"), Receipt.PERSON, "dead", None),
        (Rejected("no", field="post"), Receipt.PERSON, "no", None),
        (NotSent("down"), Receipt.AGAIN, "down", 30),
        (OutcomeUnknown("cut"), Receipt.AGAIN, "cut", 30),
        (NeedsRefresh("lapsed"), Receipt.AGAIN, "lapsed", 10),
        (RateLimited("slow", until=NOW + timedelta(minutes=5)), Receipt.AGAIN, "slow", 300),
    ],
)
def test_an_answer_becomes_a_receipt(
    answer: TakenDown | ConnectorError, receipt: Receipt, reason: str, wait_s: int | None
) -> None:
    decision = decide_recall(answer, tries=1, now=NOW)
    assert (decision.receipt, decision.reason) == (receipt, reason)
    assert decision.again_at == (None if wait_s is None else NOW + timedelta(seconds=wait_s))


def test_a_lapsed_token_is_renewed_at_once_but_not_again_and_again() -> None:
    """A platform that takes no token at all was asked each second, with a new one each time."""
    assert decide_recall(NeedsRefresh("lapsed"), tries=0, now=NOW).again_at == NOW
    assert decide_recall(NeedsRefresh("lapsed"), tries=9, now=NOW).again_at == NOW + timedelta(seconds=10)


def test_what_is_still_there_is_not_deleted_whatever_the_platform_said() -> None:
    assert decide_recall(TakenDown(Deleted(), LIVE), tries=0, now=NOW).receipt is Receipt.AGAIN


@pytest.mark.parametrize(
    ("state", "stored", "published", "receipt"),
    [
        (State.CANCELLED, "", False, Receipt.CANCELLED),
        (State.MISSED, "", False, Receipt.CANCELLED),
        (State.SENDING, "", False, Receipt.IN_DOUBT),
        (State.UNCONFIRMED, "", False, Receipt.IN_DOUBT),
        (State.PUBLISHED, "", True, Receipt.AGAIN),
        (State.PUBLISHED, "already_gone", True, Receipt.ALREADY_GONE),
    ],
)
def test_a_delivery_shows_its_receipt(state: State, stored: str, published: bool, receipt: Receipt) -> None:
    assert receipt_of(state, stored, published=published) is receipt


@pytest.mark.parametrize(
    ("state", "proof", "expected"),
    [
        (State.UNCONFIRMED, True, State.CANCELLED),
        (State.UNCONFIRMED, False, State.UNCONFIRMED),
        (State.PROCESSING, True, State.UNCONFIRMED),
    ],
)
def test_what_was_recalled_and_is_absent_is_never_sent_again(
    state: State, proof: bool, expected: State
) -> None:
    until = NOW + timedelta(hours=1)
    looking = Looking(state=state, looks=0, now=NOW, resend_until=until, recalled=True)
    assert decide_looking(Absent(proof=proof), looking).state is expected
