"""Weeks, months, years and a campaign's days: their names, their neighbours and their instants."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from scheduler.core.periods import Kind, UnknownPeriod, last_complete, of_days, period_named

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("kind", "name", "first", "last", "previous", "year_before"),
    [
        (Kind.WEEK, "2026-W01", date(2025, 12, 29), date(2026, 1, 4), "2025-W52", "2025-W01"),
        # 2025 has no week 53, so there is nothing to compare it with.
        (Kind.WEEK, "2026-W53", date(2026, 12, 28), date(2027, 1, 3), "2026-W52", None),
        (Kind.MONTH, "2024-02", date(2024, 2, 1), date(2024, 2, 29), "2024-01", "2023-02"),
        (Kind.MONTH, "2026-01", date(2026, 1, 1), date(2026, 1, 31), "2025-12", "2025-01"),
        (Kind.YEAR, "2026", date(2026, 1, 1), date(2026, 12, 31), "2025", None),
    ],
)
def test_a_period_knows_its_days_and_what_it_is_compared_with(
    kind: Kind, name: str, first: date, last: date, previous: str, year_before: str | None
) -> None:
    period = period_named(kind, name)
    assert (period.name, period.first_day, period.last_day) == (name, first, last)
    assert period.previous is not None
    assert period.previous.name == previous
    assert (period.year_before.name if period.year_before else None) == year_before


def test_a_month_runs_between_the_first_instants_of_its_zone() -> None:
    # New York goes back to winter time on 1 November 2026: the month begins at UTC-4 and ends at UTC-5.
    november = period_named(Kind.MONTH, "2026-11")
    zone = ZoneInfo("America/New_York")
    assert november.starts_at(zone) == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert november.ends_at(zone) == datetime(2026, 12, 1, 5, tzinfo=UTC)


def test_the_days_of_a_campaign_have_nothing_to_be_compared_with() -> None:
    days = of_days(date(2026, 10, 1), date(2026, 11, 15))
    assert days.name == "2026-10-01--2026-11-15"
    assert (days.previous, days.year_before) == (None, None)
    assert days.ends_at(SHANGHAI) == datetime(2026, 11, 15, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [(Kind.WEEK, "2026-W52", "2026-W53"), (Kind.MONTH, "2026-11", "2026-12"), (Kind.YEAR, "2025", "2026")],
)
def test_the_last_complete_one_changes_with_the_centre_s_midnight(
    kind: Kind, before: str, after: str
) -> None:
    ends = period_named(kind, after).ends_at(SHANGHAI)
    earlier = ends.replace(hour=15, minute=59)
    assert last_complete(kind, earlier, SHANGHAI).name == before
    assert last_complete(kind, ends, SHANGHAI).name == after


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Kind.WEEK, "2027-W53"),
        (Kind.WEEK, "2026-11"),
        (Kind.MONTH, "2026-13"),
        (Kind.MONTH, "2026-W11"),
        (Kind.MONTH, "2026-1"),
        (Kind.YEAR, "26"),
        (Kind.YEAR, "0000"),
        (Kind.YEAR, "２０２６"),
        (Kind.CAMPAIGN, "Silk"),
    ],
)
def test_what_names_no_period_of_the_kind_is_refused(kind: Kind, name: str) -> None:
    with pytest.raises(UnknownPeriod):
        period_named(kind, name)
