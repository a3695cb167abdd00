"""Where a year may end, by its own weeks so far: a band, or nothing while there is too little to go by."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from statistics import fmean, variance

from scheduler.core.intervals import student_t

LEAST_WEEKS = 8
LIKELY = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Between `low` and `high` in 8 of 10 years like this one; made from so many `weeks`."""

    low: int
    high: int
    weeks: int


def outlook(actual: int, weekly: Sequence[int], *, weeks_left: float, falls: bool) -> Band | None:
    """The band at the year's end, or None with fewer than 8 weeks to go by.

    `weekly` is what each whole week brought, `actual` what there is. The prediction interval for the sum of
    `weeks_left` further weeks, taken as independent of each other: m x̄ ± t s √(m + m²/n) (Hahn and Meeker,
    Statistical Intervals, 1991, ch. 4). What cannot fall (not `falls`) does not end below `actual`.
    """
    count = len(weekly)
    if count < LEAST_WEEKS:
        return None
    reach = student_t((1 + LIKELY) / 2, count - 1) * sqrt(
        variance(weekly) * (weeks_left + weeks_left**2 / count)
    )
    middle = actual + fmean(weekly) * weeks_left
    low = floor(middle - reach)
    return Band(low=low if falls else max(low, actual), high=ceil(middle + reach), weeks=count)
