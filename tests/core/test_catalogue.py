"""Which definition holds when, and which periods compare: a redefinition, a replacement, a beginning."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from connectors.capabilities import Family, Meaning, MetricDefinition
from connectors.registry import connectors
from scheduler.core.catalogue import Change, breaks, comparable, in_force, of_family

VIEWS = MetricDefinition(
    name="views",
    family=Family.EXPOSURE,
    subject="publication",
    day_zone="America/Los_Angeles",
    version="3",
    since=date(2026, 8, 27),
    note="first frame",
    earlier=(
        Meaning(version="1", until=date(2025, 3, 31), note="a while"),
        Meaning(version="2", until=date(2026, 8, 27), note="mixed"),
    ),
)
GONE = replace(VIEWS, name="plays", earlier=(), since=None, closed_on=date(2026, 6, 15), instead=("views",))


@pytest.mark.parametrize(
    ("at", "version"),
    [
        (datetime(2025, 1, 1, tzinfo=UTC), "1"),
        # 06:59 UTC is 23:59 of the day before in Los Angeles, 07:00 UTC is midnight (summer time).
        (datetime(2025, 3, 31, 6, 59, tzinfo=UTC), "1"),
        (datetime(2025, 3, 31, 7, 0, tzinfo=UTC), "2"),
        (datetime(2026, 8, 27, 6, 59, tzinfo=UTC), "2"),
        (datetime(2026, 8, 27, 7, 0, tzinfo=UTC), "3"),
    ],
)
def test_a_definition_holds_by_the_days_of_its_platform(at: datetime, version: str) -> None:
    held = in_force(VIEWS, at)
    assert held is not None
    assert held.version == version


def test_what_is_closed_holds_until_the_day_before() -> None:
    assert in_force(GONE, datetime(2026, 6, 15, 6, 59, tzinfo=UTC)) == GONE
    assert in_force(GONE, datetime(2026, 6, 15, 7, 0, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("first", "last", "same"),
    [
        (date(2026, 8, 10), date(2026, 8, 23), True),
        (date(2026, 8, 17), date(2026, 8, 30), False),  # the break is within the later week
        (date(2026, 8, 24), date(2026, 9, 6), False),  # the break is within the earlier week
        (date(2026, 8, 27), date(2026, 9, 9), True),  # the earlier week begins with the break
        (date(2025, 9, 1), date(2026, 9, 6), False),  # a year apart
    ],
)
def test_periods_with_a_redefinition_between_them_do_not_compare(
    first: date, last: date, *, same: bool
) -> None:
    assert comparable([VIEWS], first=first, last=last) is same


def test_a_replaced_counter_and_one_that_began_break_too() -> None:
    began = replace(VIEWS, earlier=())
    assert [one.change for one in breaks([GONE, began])] == [Change.REPLACED, Change.BEGAN]
    assert not comparable([GONE], first=date(2026, 6, 8), last=date(2026, 6, 21))
    assert not comparable([began], first=date(2026, 8, 24), last=date(2026, 9, 6))


def test_what_another_counter_holds_already_stands_for_nothing() -> None:
    sheet = connectors()["bluesky"].capabilities
    held = replace(VIEWS, name="organic views", overlaps="views")
    catalogue = {"bluesky": replace(sheet, metrics=(VIEWS, held))}
    assert of_family(catalogue, "bluesky", Family.EXPOSURE) == (VIEWS,)
