"""Wall time to instants, on the zones that break careless arithmetic."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.time import Fold, Gap, Instant, UnknownZone, read_wall_time, zone

MINUTE = timedelta(minutes=1)
ZONES = sorted(available_timezones() - {"localtime", "Factory"})
ODD_ZONES = (
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Europe/Dublin",
    "America/St_Johns",
    "Antarctica/Troll",
)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "at", "meant"),
    [
        ("Asia/Shanghai", "2026-11-23 09:30", "2026-11-23 01:30"),
        ("Asia/Kathmandu", "2026-11-23 09:30", "2026-11-23 03:45"),
        ("Pacific/Apia", "2011-12-29 23:59", "2011-12-30 09:59"),
        ("Pacific/Apia", "2011-12-31 00:00", "2011-12-30 10:00"),
        ("Africa/Casablanca", "2026-11-23 09:30", "2026-11-23 08:30"),
    ],
)
def test_an_ordinary_time_is_one_instant(name: str, at: str, meant: str) -> None:
    assert read_wall_time(wall(at), ZoneInfo(name)) == Instant(utc(meant))


@pytest.mark.parametrize(
    ("name", "at", "before", "after"),
    [
        ("Europe/Paris", "2026-03-29 02:30", "2026-03-29 01:59", "2026-03-29 03:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-04 01:59", "2026-10-04 02:30"),
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-29 23:59", "2011-12-31 00:00"),
        ("Africa/Cairo", "2026-04-24 00:00", "2026-04-23 23:59", "2026-04-24 01:00"),
        ("Africa/Casablanca", "2026-03-22 02:59", "2026-03-22 01:59", "2026-03-22 03:00"),
    ],
)
def test_a_skipped_time_offers_its_neighbours(name: str, at: str, before: str, after: str) -> None:
    assert read_wall_time(wall(at), ZoneInfo(name)) == Gap(wall(before), wall(after))


@pytest.mark.parametrize(
    ("name", "at", "first", "second"),
    [
        ("Europe/London", "2026-10-25 01:30", "2026-10-25 00:30", "2026-10-25 01:30"),
        ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45", "2026-04-04 15:15"),
        ("Africa/Casablanca", "2026-02-15 02:30", "2026-02-15 01:30", "2026-02-15 02:30"),
    ],
)
def test_a_time_that_happens_twice_is_asked_about(name: str, at: str, first: str, second: str) -> None:
    place = ZoneInfo(name)
    assert read_wall_time(wall(at), place) == Fold(utc(first), utc(second))
    assert read_wall_time(wall(at), place, fold=0) == Instant(utc(first))
    assert read_wall_time(wall(at), place, fold=1) == Instant(utc(second))


@pytest.mark.parametrize("name", ["Asia/Beijing", "", "../etc/passwd", "UTC+8", "北京"])
def test_a_zone_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(UnknownZone):
        zone(name)


moments = st.datetimes(datetime(1990, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis wants naive bounds


@given(at=moments, name=st.sampled_from(ZONES) | st.sampled_from(ODD_ZONES))
def test_every_instant_is_found_again_by_its_wall_time(at: datetime, name: str) -> None:
    place = ZoneInfo(name)
    there = at.astimezone(place)
    read = read_wall_time(there.replace(tzinfo=None, fold=0), place, fold=there.fold)
    assert read == Instant(at)


@given(at=moments, name=st.sampled_from(ODD_ZONES), minutes=st.integers(-1500, 1500))
def test_every_wall_time_is_read_as_what_clocks_show(at: datetime, name: str, minutes: int) -> None:
    place = ZoneInfo(name)
    naive = (at.astimezone(place) + minutes * MINUTE).replace(tzinfo=None, fold=0)
    match read_wall_time(naive, place):
        case Instant(at=instant):
            assert instant.astimezone(place).replace(tzinfo=None, fold=0) == naive
        case Fold(first=first, second=second):
            assert first < second
            shown = {one.astimezone(place).replace(tzinfo=None, fold=0) for one in (first, second)}
            assert shown == {naive}
        case Gap(before=before, after=after):
            assert before < naive < after
            assert isinstance(read_wall_time(before, place, fold=0), Instant)
            assert isinstance(read_wall_time(after, place, fold=0), Instant)
