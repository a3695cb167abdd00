"""Increments, corrections, baselines, the times of looks, and what may be added."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.capabilities import Family, MetricDefinition
from scheduler.core.metrics import (
    Addition,
    Axis,
    Mark,
    Movement,
    addition,
    advance,
    audience_due,
    next_look,
    next_try,
    observe,
)

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
NEXT_MONDAY = MONDAY + timedelta(days=7)
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
    for hour, value in enumerate(values):
        movement = observe(definition, mark, value, from_zero=from_zero)
        if movement:
            mark = advance(definition, mark, movement, MONDAY + timedelta(hours=hour))
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
    after = advance(LIKES_REDEFINED, mark, broken, MONDAY)
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


def test_looks_come_at_growing_ages_and_before_each_week_ends() -> None:
    origin = now = MONDAY + timedelta(hours=8)
    looks: list[timedelta] = []
    while len(looks) < 11:
        days = (now - MONDAY).days // 7
        now = next_look(origin, now=now, week_end_at=NEXT_MONDAY + timedelta(weeks=days))
        looks.append(now - origin)
    closing = timedelta(days=7) - timedelta(hours=10)
    assert looks == [
        timedelta(hours=1),
        timedelta(hours=6),
        timedelta(days=1),
        closing,
        timedelta(days=7),
        closing + timedelta(weeks=1),
        closing + timedelta(weeks=2),
        closing + timedelta(weeks=3),
        timedelta(days=28),
        timedelta(days=58),
        timedelta(days=88),
    ]


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2000)))
def test_the_next_look_is_always_ahead_and_at_most_a_month_away(age: timedelta) -> None:
    now = MONDAY + timedelta(days=3)
    ahead = next_look(now - age, now=now, week_end_at=NEXT_MONDAY) - now
    assert timedelta(0) < ahead <= timedelta(days=30)


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        (timedelta(0), timedelta(hours=1)),
        (timedelta(hours=20), timedelta(hours=5)),
        (timedelta(days=90), timedelta(days=1)),
    ],
)
def test_failed_readings_are_tried_again_with_patience(age: timedelta, wait: timedelta) -> None:
    assert next_try(MONDAY - age, now=MONDAY) == MONDAY + wait


@pytest.mark.parametrize(
    ("read_at", "now", "due"),
    [
        (None, MONDAY, True),
        (MONDAY, MONDAY + timedelta(hours=22), False),
        (MONDAY, MONDAY + timedelta(hours=23), True),
        # Two hours before the week ends, whenever the last look was before that; then not once more.
        (NEXT_MONDAY - timedelta(hours=3), NEXT_MONDAY - timedelta(hours=2), True),
        (NEXT_MONDAY - timedelta(hours=2), NEXT_MONDAY - timedelta(hours=1), False),
    ],
)
def test_followers_are_read_daily_and_as_the_week_closes(
    read_at: datetime | None, now: datetime, *, due: bool
) -> None:
    assert audience_due(read_at, now=now, week_end_at=NEXT_MONDAY) is due


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
