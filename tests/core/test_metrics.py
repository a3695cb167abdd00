"""Increments, corrections, baselines, the times of looks, and what may be added."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.capabilities import Family, MetricDefinition
from scheduler.core.metrics import Addition, Axis, Mark, Movement, addition, advance, observe

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
LIKES = MetricDefinition(name="likes", family=Family.REACTION, subject="publication")
LIKES_REDEFINED = MetricDefinition(name="likes", family=Family.REACTION, subject="publication", version="2")
FOLLOWERS = MetricDefinition(name="followers", family=Family.AUDIENCE, subject="channel", level=True)
VIEWS = MetricDefinition(name="views", family=Family.EXPOSURE, subject="publication")
REACH = MetricDefinition(name="reach", family=Family.REACH, subject="publication")
WATCHED = MetricDefinition(name="watched", family=Family.DURATION, subject="publication")


def read_all(
    definition: MetricDefinition, values: Sequence[int], *, from_zero: bool = False
) -> tuple[list[Movement | None], Mark | None]:
    movements, mark = [], None
    for value in values:
        movement = observe(definition, mark, value, from_zero=from_zero)
        if movement:
            mark = advance(definition.version, mark, movement)
        movements.append(movement)
    return movements, mark


def moved(movements: Sequence[Movement | None]) -> list[tuple[int, int] | None]:
    return [(one.increment, one.correction) if one else None for one in movements]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # Our own publication began at 0: the first reading counts in full, an unchanged one is no movement.
        ([5, 5, 8], [(5, 0), None, (3, 0)]),
        ([0, 0, 2], [None, None, (2, 0)]),
        # 10, falls to 7 (-3), wins 2 back (no increment), then rises to 12: 1 won back, 2 above the mark.
        ([10, 7, 9, 12], [(10, 0), (0, -3), (0, 2), (2, 1)]),
        # All taken away and back again: nothing is counted twice.
        ([4, 0, 4], [(4, 0), (0, -4), (0, 4)]),
    ],
)
def test_a_counter_of_ours_moves_from_zero(values: list[int], expected: list[tuple[int, int] | None]) -> None:
    movements, _ = read_all(LIKES, values, from_zero=True)
    assert moved(movements) == expected


def test_a_counter_of_unknown_origin_starts_with_a_baseline() -> None:
    movements, _ = read_all(LIKES, [250, 253])
    assert movements[0] == Movement(value=250, increment=0, baseline=True)
    assert moved(movements[1:]) == [(3, 0)]


def test_a_new_definition_starts_a_new_baseline() -> None:
    _, mark = read_all(LIKES, [100], from_zero=True)
    broken = observe(LIKES_REDEFINED, mark, 40, from_zero=True)
    assert broken == Movement(value=40, increment=0, baseline=True)
    after = advance(LIKES_REDEFINED.version, mark, broken)
    assert observe(LIKES_REDEFINED, after, 45) == Movement(value=45, increment=5)


def test_a_level_moves_both_ways_and_has_no_corrections() -> None:
    movements, _ = read_all(FOLLOWERS, [1000, 1010, 990, 990], from_zero=True)
    assert movements[0] == Movement(value=1000, increment=0, baseline=True)
    assert moved(movements[1:]) == [(10, 0), (-20, 0), None]


@given(st.lists(st.integers(0, 50), min_size=1))
def test_movements_of_a_counter_always_lead_to_its_last_value(values: list[int]) -> None:
    movements, _ = read_all(LIKES, values, from_zero=True)
    made = [one for one in movements if one]
    assert sum(one.increment for one in made) == max(0, *values)
    assert sum(one.increment + one.correction for one in made) == values[-1]
    assert all(one.increment >= 0 for one in made)


@given(st.lists(st.integers(0, 50), min_size=2))
def test_movements_after_a_baseline_lead_from_it_to_the_last_value(values: list[int]) -> None:
    for definition in (LIKES, FOLLOWERS):
        movements, _ = read_all(definition, values)
        rest = [one for one in movements[1:] if one]
        assert sum(one.increment + one.correction for one in rest) == values[-1] - values[0]


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (LIKES, ["add", "add", "add", "add"]),
        (VIEWS, ["add", "add", "same_definition", "side_by_side"]),
        (FOLLOWERS, ["last_known", "never", "add", "add"]),
        (REACH, ["never", "never", "never", "never"]),
        (WATCHED, ["add", "add", "add", "same_definition"]),
    ],
)
def test_what_may_be_added_to_what(definition: MetricDefinition, expected: list[str]) -> None:
    assert [addition(definition, axis) for axis in Axis] == [Addition(way) for way in expected]
