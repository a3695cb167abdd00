"""What rate-limit headers tell, read whole or not at all."""

from datetime import UTC, datetime

import pytest

from connectors.errors import QuotaSeen
from connectors.quotas import quota_seen

RESET = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_an_epoch_with_its_policy() -> None:
    headers = {
        "ratelimit-limit": "5000",
        "ratelimit-remaining": "4997",
        "ratelimit-reset": str(int(RESET.timestamp())),
        "ratelimit-policy": "5000;w=3600",
    }
    assert quota_seen(headers) == QuotaSeen(limit=5000, remaining=4997, resets_at=RESET, window_s=3600)


def test_an_iso_time_without_a_policy() -> None:
    headers = {
        "x-ratelimit-limit": "300",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": "2026-11-22T09:00:00.000Z",
    }
    assert quota_seen(headers) == QuotaSeen(limit=300, remaining=0, resets_at=RESET)


@pytest.mark.parametrize("reset", ["", "60", "-5", "soon", "2026-11-22T09:00:00", "9" * 400])
def test_an_end_that_cannot_be_placed_is_no_quota(reset: str) -> None:
    headers = {"x-ratelimit-limit": "300", "x-ratelimit-remaining": "7", "x-ratelimit-reset": reset}
    assert quota_seen(headers) is None


@pytest.mark.parametrize("remaining", ["", "-1", "many", "1.5", "9" * 400])
def test_a_rest_that_is_no_count_is_no_quota(remaining: str) -> None:
    headers = {
        "x-ratelimit-limit": "300",
        "x-ratelimit-remaining": remaining,
        "x-ratelimit-reset": "1795338000",
    }
    assert quota_seen(headers) is None
