"""ISO weeks in a zone, across changes of the clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.weeks import UnknownWeek, Week

SHANGHAI = ZoneInfo("Asia/Shanghai")
PARIS = ZoneInfo("Europe/Paris")
ZONES = [
    "UTC",
    "Asia/Shanghai",
    "Europe/Paris",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Africa/Cairo",
]


@pytest.mark.parametrize(
    ("name", "starts", "ends"),
    [
        ("2026-W47", "2026-11-15T16:00+00:00", "2026-11-22T16:00+00:00"),
        ("2026-W01", "2025-12-28T16:00+00:00", "2026-01-04T16:00+00:00"),
        ("2026-W53", "2026-12-27T16:00+00:00", "2027-01-03T16:00+00:00"),
    ],
)
def test_a_week_runs_from_monday_to_monday_in_its_zone(name: str, starts: str, ends: str) -> None:
    week = Week.parse(name)
    assert str(week) == name
    assert week.starts_at(SHANGHAI) == datetime.fromisoformat(starts)
    assert week.ends_at(SHANGHAI) == datetime.fromisoformat(ends)


@pytest.mark.parametrize(("name", "hours"), [("2026-W12", 168), ("2026-W13", 167), ("2026-W43", 169)])
def test_a_week_in_which_clocks_change_is_an_hour_shorter_or_longer(name: str, hours: int) -> None:
    week = Week.parse(name)
    assert week.ends_at(PARIS) - week.starts_at(PARIS) == timedelta(hours=hours)


def test_a_week_whose_midnight_is_skipped_starts_when_clocks_jump() -> None:
    # In Damascus the clock went from 23:59 on Sunday 31 March 2002 (UTC+2) to 01:00 on Monday.
    assert Week.parse("2002-W14").starts_at(ZoneInfo("Asia/Damascus")) == datetime(
        2002, 3, 31, 22, tzinfo=UTC
    )


@pytest.mark.parametrize("name", ["", "2026", "2026-W00", "2027-W53", "2026-W5", "W47-2026", "２０２６-W47"])
def test_what_names_no_week_is_refused(name: str) -> None:
    with pytest.raises(UnknownWeek):
        Week.parse(name)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=7300)), st.sampled_from(ZONES))
def test_every_instant_is_in_exactly_its_week(since: timedelta, name: str) -> None:
    at, zone = datetime(2015, 1, 1, tzinfo=UTC) + since, ZoneInfo(name)
    week = Week.of(at, zone)
    assert week.starts_at(zone) <= at < week.ends_at(zone)
    assert week.previous.ends_at(zone) == week.starts_at(zone)
    assert Week.parse(str(week)) == week
