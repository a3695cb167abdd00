"""When counters are looked at: every age that a window allows, and never more often than it may cost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.counters.listing import counters
from connectors.registry import connectors
from scheduler.core.cadence import (
    FREE,
    LOOK_AGES,
    Life,
    Rule,
    audience_due,
    fingerprint,
    next_look,
    next_try,
    rule_of,
    worth_waiting,
)

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
NEXT_MONDAY = MONDAY + timedelta(days=7)
WEEK = timedelta(weeks=1)
YEAR = timedelta(days=365)
CLOSING = timedelta(days=7) - timedelta(hours=10)
STORY = Rule(windows=(timedelta(days=1),), ends=True)
BILLED = Rule(windows=(timedelta(days=30),), billed=True)

origins = st.timedeltas(timedelta(0), timedelta(days=365)).map(lambda since: MONDAY + since)
windows = st.lists(st.integers(3, 24 * 400).map(lambda hours: timedelta(hours=hours)), max_size=3).map(tuple)
rules = st.builds(Rule, windows=windows, ends=st.booleans(), billed=st.booleans()).filter(
    lambda rule: bool(rule.windows) or not rule.ends
)
delays = st.lists(st.integers(0, 5 * 60), min_size=1, max_size=20)


def week_end(now: datetime) -> datetime:
    return MONDAY + ((now - MONDAY) // WEEK + 1) * WEEK


def looks_of(
    origin: datetime, rule: Rule, *, still: bool = False, delays: list[int] | None = None
) -> Iterator[datetime]:
    """Every look of the first year, each some seconds late, as a planner makes them from publication on."""
    number, now, late = 0, origin, delays or [0]
    while now < origin + YEAR:
        life = Life(origin_at=origin, still=number if still else 0)
        waits = worth_waiting(life, rule, now=now, week_end_at=week_end(now))
        if waits is None:
            yield now
            number += 1
            following = next_look(life, rule, now=now, week_end_at=week_end(now))
            if following is None:
                return
            waits = following
        assert waits > now
        now = waits + timedelta(seconds=late[number % len(late)])


def test_looks_come_at_growing_ages_and_before_each_week_ends() -> None:
    origin = MONDAY + timedelta(hours=8)
    ages = [at - origin for at in looks_of(origin, FREE)][1:12]
    assert ages == [
        timedelta(hours=1),
        timedelta(hours=6),
        timedelta(days=1),
        CLOSING,
        timedelta(days=7),
        CLOSING + WEEK,
        CLOSING + 2 * WEEK,
        CLOSING + 3 * WEEK,
        timedelta(days=28),
        timedelta(days=58),
        timedelta(days=88),
    ]


def test_where_nothing_moves_only_the_monthly_looks_grow_rare() -> None:
    origin = MONDAY + timedelta(hours=8)
    ages = [at - origin for at in looks_of(origin, FREE, still=True)]
    moving = [at - origin for at in looks_of(origin, FREE)]
    young = [age for age in moving if age <= LOOK_AGES[-1]]
    assert ages == [*young, timedelta(days=148), timedelta(days=268)]


@given(origins, rules, st.booleans(), delays)
def test_every_age_is_read_that_its_window_allows_and_never_more_often_than_may_be_paid(
    origin: datetime, rule: Rule, still: bool, delays: list[int]
) -> None:
    looks = list(looks_of(origin, rule, still=still, delays=delays))
    last = rule.ends_at(origin)
    assert all(before < after for before, after in pairwise(looks))
    days = {at.date() for at in looks}
    if rule.billed:
        assert len(days) == len(looks)
    for age in LOOK_AGES:
        step = origin + age
        if last and step >= last:
            continue
        on_time = any(step <= at <= step + timedelta(minutes=6) for at in looks)
        the_same_day = any(step.date() <= at.date() <= step.date() + timedelta(days=1) for at in looks)
        assert on_time or (rule.billed and the_same_day)


@given(origins, rules, delays)
def test_there_is_a_look_shortly_before_each_window_closes(
    origin: datetime, rule: Rule, delays: list[int]
) -> None:
    looks = list(looks_of(origin, rule, delays=delays))
    for window in rule.windows:
        closes = origin + window
        if closes > origin + YEAR:
            continue
        near = [at for at in looks if closes - timedelta(hours=2) <= at < closes]
        assert near or (rule.billed and any((closes - at) < timedelta(days=1, hours=3) for at in looks))


def test_what_can_be_read_for_a_day_is_not_asked_for_afterwards() -> None:
    ages = [at - MONDAY for at in looks_of(MONDAY, STORY)]
    assert ages == [timedelta(0), timedelta(hours=1), timedelta(hours=6), timedelta(hours=22)]


def test_a_billed_look_waits_for_the_last_one_of_its_day() -> None:
    ages = [at - MONDAY for at in looks_of(MONDAY + timedelta(hours=8), BILLED)]
    assert ages[:2] == [timedelta(hours=14), timedelta(hours=32)]


def test_the_rule_follows_from_the_sheet() -> None:
    plain = connectors()["bluesky"].capabilities
    x = counters()["x"]
    sheet = replace(
        plain,
        metrics=x.read(publication=("impression_count", "engagements"), channel=("followers_count",)),
        price=x.price,
    )
    assert rule_of(plain) == FREE
    assert rule_of(sheet) == BILLED
    story = counters()["instagram"].read(publication=("replies", "navigation"))
    assert rule_of(replace(plain, metrics=story)) == STORY


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
    ("read_at", "now", "billed", "due"),
    [
        (None, MONDAY, False, True),
        (MONDAY, MONDAY + timedelta(hours=22), False, False),
        (MONDAY, MONDAY + timedelta(hours=23), False, True),
        # Two hours before the week ends, whenever the last look was before that; then not once more.
        (NEXT_MONDAY - timedelta(hours=3), NEXT_MONDAY - timedelta(hours=2), False, True),
        (NEXT_MONDAY - timedelta(hours=2), NEXT_MONDAY - timedelta(hours=1), False, False),
        # Billed: once a UTC day, also when the week ends.
        (MONDAY, MONDAY + timedelta(hours=23), True, False),
        (MONDAY, MONDAY + timedelta(hours=24), True, True),
        (NEXT_MONDAY - timedelta(hours=3), NEXT_MONDAY - timedelta(hours=2), True, False),
    ],
)
def test_followers_are_read_daily_and_as_the_week_closes(
    read_at: datetime | None, now: datetime, *, billed: bool, due: bool
) -> None:
    assert audience_due(read_at, now=now, week_end_at=NEXT_MONDAY, billed=billed) is due


def test_equal_readings_leave_the_same_fingerprint_in_any_order() -> None:
    assert fingerprint({"a": 1, "b": 0}) == fingerprint({"b": 0, "a": 1})
    assert len({fingerprint(one) for one in ({}, {"a": 0}, {"a": 1}, {"b": 1})}) == 4
