"""Yearly goals: what they may be about, how a target is split over the year, and how far a year has come."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

from scheduler.core.cells import Fault, Reader, closest, not_known, whole_number
from scheduler.core.cells import name as read_name
from scheduler.core.language_cells import language, region
from scheduler.core.weeks import first_instant
from scheduler.core.wording import N_

FOLLOWERS = "followers"
FLOWS = ("publications", "responses", "reactions", "comments", "shares")
EXPOSURE = "exposure:"
WHOLE = "total"
SLICES: Mapping[str, Reader] = {
    "platform": read_name,
    "language": language,
    "region": region,
    "campaign": read_name,
    "channel": read_name,
}
SPLITS = (4, 12)
WHOLE_YEAR = 10_000
FIRST_YEAR, LAST_YEAR = 2000, 2999
RESOLUTION = timedelta(microseconds=1)
ENOUGH_DAYS = 3
NOT_A_NUMBER = N_("“{word}” is not a whole number above 0")
_SHARE = re.compile(r"\d{1,3}(?:\.\d{1,2})?", re.ASCII)


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
    SLICES, and `key` the platform, language … it is about.
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
        """`language=ar`, or nothing for the whole matrix; `read_slice` reads it back."""
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


def read_year(cell: str) -> int:
    """A calendar year."""
    if not re.fullmatch(r"\d{4}", cell, re.ASCII) or not FIRST_YEAR <= int(cell) <= LAST_YEAR:
        raise Fault(N_("“{word}” is not a year: write it like 2026"), word=cell)
    return int(cell)


def read_measure(cell: str) -> str:
    """A measure by its name, or exposure in one definition as `exposure:PLATFORM/METRIC`."""
    word = cell.lower()
    if word in (*FLOWS, FOLLOWERS):
        return word
    if word.startswith("exposure"):
        if re.fullmatch(r"exposure:[\w-]+/[\w.-]+", cell, re.ASCII | re.IGNORECASE):
            platform, _, metric = cell.partition(":")[2].partition("/")
            return f"{EXPOSURE}{platform.lower()}/{metric}"
        raise Fault(N_("exposure is counted in one definition only: write exposure:PLATFORM/METRIC"))
    raise not_known(cell, (*FLOWS, FOLLOWERS))


def read_slice(cell: str) -> tuple[str, str]:
    """(dimension, key) of `language=ar` and the like; nothing is the whole matrix."""
    if not cell:
        return WHOLE, ""
    dimension, equals, key = (part.strip() for part in cell.partition("="))
    if not equals or dimension.lower() not in SLICES:
        if equals and (close := closest(dimension, SLICES)):
            raise Fault(N_("“{word}” is not known: did you mean “{closest}”?"), word=dimension, closest=close)
        raise Fault(
            N_("“{word}” is no slice: write one of {known} with = and its name, or nothing"),
            word=cell,
            known=", ".join(SLICES),
        )
    return dimension.lower(), SLICES[dimension.lower()](key)


def read_target(cell: str) -> int:
    """A whole number above 0; groups of three may be set apart."""
    amount = whole_number(cell)
    if not amount:
        raise Fault(NOT_A_NUMBER, word=cell)
    return amount


def read_phases(cell: str) -> tuple[int, ...]:
    """Percentages of the 4 quarters or the 12 months, in ten-thousandths; nothing is an even year."""
    words = [word.strip().removesuffix("%") for word in re.split(r"[,;，；]", cell) if word.strip()]
    if not words:
        return ()
    if len(words) not in SPLITS or not all(_SHARE.fullmatch(word) for word in words):
        raise Fault(N_("“{word}” is no plan: write 4 or 12 percentages with commas between"), word=cell)
    shares = tuple(int((Decimal(word) * 100).to_integral_value(ROUND_HALF_UP)) for word in words)
    if sum(shares) != WHOLE_YEAR:
        total = f"{Decimal(sum(shares)) / 100:f}"
        raise Fault(N_("the shares add up to {total} %, not to 100 %"), total=total)
    return shares
