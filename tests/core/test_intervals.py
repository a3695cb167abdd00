"""Means are told with how sure they are, and years end in a band that holds as often as it says."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.intervals import estimate, student_t
from scheduler.core.outlook import LEAST_WEEKS, outlook

COUNTS = st.lists(st.integers(0, 100_000), min_size=2, max_size=60)


@pytest.mark.parametrize(
    ("share", "freedom", "value"),
    [(0.9, 7, 1.4149), (0.975, 7, 2.3646), (0.975, 10, 2.2281), (0.95, 30, 1.6973), (0.975, 1000, 1.9623)],
)
def test_students_quantiles_are_those_of_the_tables(share: float, freedom: int, value: float) -> None:
    assert student_t(share, freedom) == pytest.approx(value, rel=1e-3)


@given(COUNTS)
def test_an_interval_holds_its_mean_and_never_goes_below_0(values: list[int]) -> None:
    found = estimate(values)
    assert 0 <= found.low <= found.mean <= found.high
    assert found.count == len(values)
    assert not found.exceeds(found)


@given(COUNTS, st.integers(2, 1000))
def test_an_interval_scales_with_what_is_counted(values: list[int], factor: int) -> None:
    once, many = estimate(values), estimate([value * factor for value in values])
    if once.mean:
        assert many.low == pytest.approx(once.low * factor)
        assert many.high == pytest.approx(once.high * factor)


def test_the_interval_covers_the_mean_of_skewed_counts_about_as_often_as_it_says() -> None:
    # Gamma-mixed counts as engagement is: mean 20, variance 20 + 400 / 2.
    chance = Random(4)  # noqa: S311 - a sample, not a secret

    def draw() -> int:
        return round(chance.gammavariate(2, 10))

    hits = sum((found := estimate([draw() for _ in range(12)])).low <= 20 <= found.high for _ in range(1000))
    assert 900 <= hits <= 985


def test_nothing_in_n_posts_still_allows_for_something() -> None:
    assert estimate([0] * 10).high == pytest.approx(0.3)


@given(st.lists(st.integers(0, 10_000), max_size=LEAST_WEEKS - 1))
def test_too_few_weeks_make_no_outlook(weekly: list[int]) -> None:
    assert outlook(sum(weekly), weekly, weeks_left=20, falls=False) is None


@given(st.lists(st.integers(0, 10_000), min_size=LEAST_WEEKS, max_size=52), st.floats(0, 44))
def test_what_cannot_fall_ends_no_lower_than_it_is(weekly: list[int], left: float) -> None:
    actual = sum(weekly)
    band = outlook(actual, weekly, weeks_left=left, falls=False)
    assert band is not None
    assert actual <= band.low <= band.high


def test_even_weeks_leave_no_doubt_and_no_weeks_left_no_room() -> None:
    band = outlook(100, [10] * 10, weeks_left=5, falls=False)
    assert band is not None
    assert (band.low, band.high) == (150, 150)
    at_the_end = outlook(-3, [1, -2, 3, -4, 5, -6, 7, -8], weeks_left=0, falls=True)
    assert at_the_end is not None
    assert (at_the_end.low, at_the_end.high) == (-3, -3)


def test_the_band_holds_in_about_8_of_10_years() -> None:
    chance = Random(5)  # noqa: S311 - a sample, not a secret
    hits = 0
    for _ in range(500):
        year = [round(chance.gammavariate(4, 25)) for _ in range(52)]
        band = outlook(sum(year[:20]), year[:20], weeks_left=32, falls=False)
        assert band is not None
        hits += band.low <= sum(year) <= band.high
    assert 370 <= hits <= 430
