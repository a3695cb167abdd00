"""Yearly goals: what they may be about, how a target is split over the year, and how far a year has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

from scheduler.core.weeks import first_instant

FOLLOWERS = "followers"
FLOWS = ("publications", "responses", "reactions", "comments", "shares")
EXPOSURE = "exposure:"
WHOLE = "total"
WHOLE_YEAR = 10_000
FIRST_YEAR, LAST_YEAR = 2000, 2999
RESOLUTION = timedelta(microseconds=1)
ENOUGH_DAYS = 3


class Moment(StrEnum):
    """When a year's goals are closed: what was reached by then stays written down."""

    MID_YEAR = "mid-year"
    YEAR_END = "year-end"

    def at(self, year: int, zone: ZoneInfo) -> datetime:
        """The first instant after the half year, or after the year."""
        day = date(year, 7, 1) if self is Moment.MID_YEAR else date(year + 1, 1, 1)
        return first_instant(day, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What a goal is about: a measure over a slice of the matrix in a calendar year.

    `measure` is one of FLOWS, `followers`, or `exposure:PLATFORM/METRIC`; `dimension` is `total` or one of
    `goal_cells.SLICES`, and `key` the platform, language … it is about.
    """

    year: int
    measure: str
    dimension: str
    key: str

    @property
    def level(self) -> bool:
        """True for what is as high as it is, False for what is added up over the year."""
        return self.measure == FOLLOWERS

    @property
    def exposure(self) -> tuple[str, str] | None:
        """(platform, native metric) of a goal for exposure."""
        if not self.measure.startswith(EXPOSURE):
            return None
        platform, _, metric = self.measure.removeprefix(EXPOSURE).partition("/")
        return platform, metric

    @property
    def slice(self) -> str:
        """`language=ar`, or nothing for the whole matrix; `goal_cells.read_slice` reads it back."""
        return f"{self.dimension}={self.key}" if self.dimension != WHOLE else ""


def starts_at(year: int, zone: ZoneInfo) -> datetime:
    """The first instant of a calendar year, aware UTC."""
    return first_instant(date(year, 1, 1), zone)


def ends_at(year: int, zone: ZoneInfo) -> datetime:
    """The first instant after a calendar year, aware UTC."""
    return starts_at(year + 1, zone)


def year_of(last_day: date) -> int:
    """The year whose goals a period belongs to: that of its fourth-last day, as with ISO weeks."""
    return date.fromordinal(last_day.toordinal() - ENOUGH_DAYS).year


def share_by(at: datetime, year: int, phases: Sequence[int], zone: ZoneInfo) -> Fraction:
    """The part of the year's target that is planned to be there at `at`: within a phase evenly.

    `phases` are the shares of the quarters or months in ten-thousandths; none at all is an even year.
    """
    shares = tuple(phases) or (WHOLE_YEAR,)
    months = 12 // len(shares)
    bounds = [first_instant(date(year, 1 + months * n, 1), zone) for n in range(len(shares))]
    planned = Fraction(0)
    for share, start, end in zip(shares, bounds, [*bounds[1:], ends_at(year, zone)], strict=True):
        passed = min(max(at, start), end) - start
        planned += Fraction(share, WHOLE_YEAR) * Fraction(passed // RESOLUTION, (end - start) // RESOLUTION)
    return planned


def planned_by(target: int, share: Fraction, *, start: int = 0) -> int:
    """Where a year that began at `start` should be when `share` of its way lies behind it, halves up."""
    return start + int((Fraction(target - start) * share + Fraction(1, 2)).__floor__())
