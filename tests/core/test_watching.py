"""A channel is only compared with its own history, and only when there is enough of it."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.watching import LEAST_GAPS, LEAST_WEEKS, jump, rhythm, stands_still

MONDAY = date(2026, 8, 3)
SERIES = st.lists(st.integers(-10_000, 10_000), min_size=LEAST_WEEKS, max_size=26)


def on(*numbers: int) -> list[date]:
    return [MONDAY + timedelta(days=number) for number in numbers]


def test_a_channel_of_working_days_may_rest_over_the_weekend() -> None:
    found = rhythm(on(*(7 * week + day for week in range(4) for day in range(5))))
    assert found is not None
    assert (found.gaps, found.usual, found.limit) == (19, 3, 5)


def test_a_daily_channel_is_missed_after_two_days_even_if_it_once_took_a_holiday() -> None:
    found = rhythm(on(*range(20), *range(40, 60)))
    assert found is not None
    assert (found.usual, found.limit) == (1, 2)


@given(st.lists(st.integers(0, 400), max_size=60))
def test_a_rhythm_is_one_of_the_channels_own_gaps_or_not_told(numbers: list[int]) -> None:
    found = rhythm(on(*numbers))
    distinct = sorted(set(numbers))
    if len(distinct) <= LEAST_GAPS:
        assert found is None
    else:
        assert found is not None
        gaps = [later - earlier for earlier, later in pairwise(distinct)]
        assert found.usual in gaps
        assert sum(gap <= found.usual for gap in gaps) >= 0.9 * len(gaps)
        assert found.limit > found.usual


@given(st.lists(st.integers(-1000, 1000), max_size=LEAST_WEEKS - 1), st.integers())
def test_a_thin_history_knows_no_jump(weeks: list[int], brought: int) -> None:
    assert jump(weeks, brought, level=100) is None


@given(SERIES, st.integers(0, 10**6))
def test_the_usual_is_no_jump_and_a_jump_mirrors(weeks: list[int], level: int) -> None:
    middle = sorted(weeks)[len(weeks) // 2]
    assert jump([middle] * len(weeks), middle, level=level) is None
    up = jump(weeks, 10**9, level=level)
    down = jump([-week for week in weeks], -(10**9), level=level)
    assert up is not None
    assert down is not None
    assert (up.brought, up.spread) == (-down.brought, down.spread)


def test_one_wild_week_in_the_history_hides_no_jump() -> None:
    steady = [10, 12, 9, 11, 10, 8, 12, 11]
    assert jump([*steady, 5000], 100, level=2000) is not None
    assert jump([*steady, 5000], 14, level=2000) is None


def test_a_step_of_a_few_followers_is_no_jump_where_nothing_ever_moves() -> None:
    assert jump([0] * 12, 3, level=500) is None
    assert jump([0] * 12, 3, level=100_000) is None
    assert jump([0] * 12, 90, level=500) is not None


def test_only_what_always_moved_can_stand_still() -> None:
    assert stands_still([3, 1, 4, 1, 5, 9])
    assert not stands_still([3, 1, 0, 1, 5, 9])
    assert not stands_still([3, 1, 4, 1, 5])
