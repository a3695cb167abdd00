"""What platforms say about waiting, and what we make of it."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.waiting import after_seconds, at_epoch, at_iso, retry_after, wait_until

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stated", "expected_s"),
    [(None, 60), (NOW - timedelta(hours=1), 60), (NOW, 60), (NOW + timedelta(seconds=5), 5)]
    + [(NOW + timedelta(days=days), 86_400) for days in (2, 900_000)],
)
def test_a_wait_is_never_in_the_past_nor_longer_than_a_day(stated: datetime | None, expected_s: int) -> None:
    assert wait_until(NOW, stated) == NOW + timedelta(seconds=expected_s)


@pytest.mark.parametrize("nonsense", ["", "soon", "nan", None, True, [], "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_nonsense_states_no_wait(nonsense: object) -> None:
    assert after_seconds(NOW, nonsense) is None
    assert at_epoch(nonsense) is None
    assert at_iso(str(nonsense)) is None


@pytest.mark.parametrize("absurd", ["1e300", "inf", 10**400, str(10**30)])
def test_absurd_numbers_are_no_instants(absurd: object) -> None:
    assert at_epoch(absurd) is None


def test_each_form_is_read() -> None:
    assert retry_after(NOW, {"retry-after": "30"}) == NOW + timedelta(seconds=30)
    assert retry_after(NOW, {}) is None
    assert at_epoch("1795338000") == datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    assert at_iso("2026-11-22T17:00:00+08:00") == NOW
    assert at_iso("2026-11-22T09:00:00.000Z") == NOW
    assert at_iso("2026-11-22T09:00:00") is None
