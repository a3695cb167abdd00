"""What reading back means: what is whole matches, what is less is for a person, a failure is no verdict."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import Absent, CannotTell, ReadBack, Shown
from connectors.errors import ConnectorError, NeedsReconnect, NotSent, RateLimited
from scheduler.core import verifying
from scheduler.core.verifying import Verdict, decide_reading

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
SENT = Shown(text="one two three", media_count=2, language="ar")


@pytest.mark.parametrize(
    ("told", "verdict", "reason"),
    [
        (SENT, Verdict.MATCHING, ""),
        (Shown(text="one two three"), Verdict.MATCHING, ""),
        (Shown(text="one two", media_count=2, language="ar"), Verdict.DIFFERS, verifying.CUT),
        (Shown(text="one t…", media_count=2), Verdict.DIFFERS, verifying.CUT),
        (Shown(text="", media_count=2), Verdict.DIFFERS, verifying.CUT),
        (Shown(text="one four three", media_count=2), Verdict.DIFFERS, verifying.OTHER_TEXT),
        (Shown(text=SENT.text, media_count=1), Verdict.DIFFERS, verifying.IMAGES_LOST),
        (Shown(text=SENT.text, media_count=3), Verdict.MATCHING, ""),
        (Shown(text=SENT.text, language="en"), Verdict.DIFFERS, verifying.OTHER_LANGUAGE),
        (Absent(proof=True), Verdict.GONE, verifying.GONE),
        (CannotTell(reason="look there"), Verdict.CANNOT_TELL, "look there"),
    ],
)
def test_a_reading_has_a_verdict(told: ReadBack, verdict: Verdict, reason: str) -> None:
    verified = decide_reading(told, SENT, tries=0, now=NOW)
    assert (verified.verdict, verified.reason, verified.again_at) == (verdict, reason, None)


def test_a_difference_shows_a_person_what_is_there() -> None:
    verified = decide_reading(Shown(text="one", media_count=1), SENT, tries=0, now=NOW)
    assert "1: one" in (verified.evidence.words or "")


@pytest.mark.parametrize(
    ("error", "tries", "again_s"),
    [
        (NotSent("503"), 0, 10),
        (NotSent("503"), 1, 30),
        (RateLimited("429", until=NOW + timedelta(minutes=5)), 0, 300),
        (NotSent("503"), verifying.TRIES - 1, None),
        (NeedsReconnect("revoked"), 0, None),
    ],
)
def test_a_failed_reading_is_tried_again_a_few_times(
    error: ConnectorError, tries: int, again_s: int | None
) -> None:
    verified = decide_reading(error, SENT, tries=tries, now=NOW)
    if again_s is None:
        assert (verified.verdict, verified.reason) == (Verdict.CANNOT_TELL, error.reason)
    else:
        assert (verified.verdict, verified.again_at) == (None, NOW + timedelta(seconds=again_s))
