"""Targets split over a year, what a goal may be about, and where a year may end."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.core import goals
from scheduler.core.cells import Fault
from scheduler.core.goal_cells import read_measure, read_phases, read_slice, read_target
from scheduler.core.goals import Moment, planned_by, share_by

SHANGHAI = ZoneInfo("Asia/Shanghai")
PARIS = ZoneInfo("Europe/Paris")
YEAR = st.integers(2020, 2035)
INSTANTS = st.datetimes(datetime(2019, 1, 1), datetime(2036, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@st.composite
def phases(draw: st.DrawFn) -> tuple[int, ...]:
    """Shares of quarters or months that add up to the whole year, or none."""
    count = draw(st.sampled_from([0, 4, 12]))
    if not count:
        return ()
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), min_size=count - 1, max_size=count - 1)))
    return tuple(end - start for start, end in zip([0, *cuts], [*cuts, 10_000], strict=True))


@given(YEAR, phases(), INSTANTS, INSTANTS)
def test_a_plan_never_falls_begins_with_nothing_and_ends_with_everything(
    year: int, split: tuple[int, ...], one: datetime, other: datetime
) -> None:
    earlier, later = sorted((one, other))
    assert 0 <= share_by(earlier, year, split, PARIS) <= share_by(later, year, split, PARIS) <= 1
    assert share_by(goals.starts_at(year, PARIS), year, split, PARIS) == 0
    assert share_by(goals.ends_at(year, PARIS), year, split, PARIS) == 1


@given(YEAR, phases())
def test_a_quarter_ends_with_the_shares_of_the_quarters_before(year: int, split: tuple[int, ...]) -> None:
    july = Moment.MID_YEAR.at(year, SHANGHAI)
    if split:
        assert share_by(july, year, split, SHANGHAI) == Fraction(sum(split[: len(split) // 2]), 10_000)


def test_an_even_year_goes_by_its_days() -> None:
    # 2026 has 365 days; at the end of 31 January 31 of them are over, in the centre's zone.
    end_of_january = datetime(2026, 1, 31, 16, tzinfo=UTC)
    assert share_by(end_of_january, 2026, (), SHANGHAI) == Fraction(31, 365)
    assert planned_by(36_500, Fraction(31, 365)) == 3_100


@given(st.integers(1, 10**12), st.integers(0, 10**12), st.fractions(0, 1))
def test_a_level_is_planned_between_its_start_and_its_target(
    target: int, start: int, share: Fraction
) -> None:
    planned = planned_by(target, share, start=start)
    assert min(start, target) <= planned <= max(start, target)
    assert planned_by(target, Fraction(0), start=start) == start
    assert planned_by(target, Fraction(1), start=start) == target


@pytest.mark.parametrize(
    ("last_day", "year"),
    [
        (date(2026, 11, 22), 2026),
        (date(2027, 1, 3), 2026),  # the Sunday of 2026-W53
        (date(2026, 1, 4), 2026),  # the Sunday of 2026-W01
        (date(2026, 12, 31), 2026),
    ],
)
def test_a_period_belongs_to_the_year_of_most_of_its_last_week(last_day: date, year: int) -> None:
    assert goals.year_of(last_day) == year


@pytest.mark.parametrize(
    ("cell", "place"),
    [
        ("", ("total", "")),
        ("language=zh-cn", ("language", "zh-CN")),
        ("Region = eg", ("region", "EG")),
        ("campaign=Silk = Road", ("campaign", "Silk = Road")),
    ],
)
def test_a_slice_is_read_in_its_usual_spelling(cell: str, place: tuple[str, str]) -> None:
    assert read_slice(cell) == place


@pytest.mark.parametrize("cell", ["ar", "lang=ar", "language=", "total=", "=x", "language=Klingonish"])
def test_what_is_no_slice_is_refused(cell: str) -> None:
    with pytest.raises(Fault):
        read_slice(cell)


def test_exposure_is_only_taken_in_one_definition() -> None:
    assert read_measure("Exposure:YouTube/engagedViews") == "exposure:youtube/engagedViews"
    for cell in ("exposure", "exposure:youtube", "reach", ""):
        with pytest.raises(Fault):
            read_measure(cell)


def test_targets_and_shares_are_read_as_people_write_them() -> None:
    assert read_target("1,200,000") == 1_200_000
    assert read_phases("20%, 25%, 25 %,30".replace(" %", "%")) == (2000, 2500, 2500, 3000)
    assert read_phases("8.33,8.33,8.34,8.33,8.33,8.34,8.33,8.33,8.34,8.33,8.33,8.34")[2] == 834
    assert read_phases("") == ()


@pytest.mark.parametrize("cell", ["0", "-5", "1.5", "12,34", "1e6", "٣", ""])
def test_a_target_is_a_whole_number_above_0(cell: str) -> None:
    with pytest.raises(Fault):
        read_target(cell)


@pytest.mark.parametrize("cell", ["25,25,25", "25,25,25,26", "a,b,c,d", "100", "25;25;25;-25"])
def test_shares_that_are_no_plan_of_a_year_are_refused(cell: str) -> None:
    with pytest.raises(Fault):
        read_phases(cell)


def test_moments_are_the_centres_own_midnights() -> None:
    assert Moment.MID_YEAR.at(2026, SHANGHAI) == datetime(2026, 6, 30, 16, tzinfo=UTC)
    assert Moment.YEAR_END.at(2026, PARIS) == datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert goals.ends_at(2026, PARIS) - goals.starts_at(2026, PARIS) == timedelta(days=365)
