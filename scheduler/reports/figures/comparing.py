"""The same time told three ways: now, the period before, and the same period a year before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from scheduler.core.facts import Facts
from scheduler.core.figures import Figure, Reason, absent, difference
from scheduler.reports.dataset import Measured

T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared(Generic[T]):
    """What there is of each; None where there is nothing to compare with."""

    now: T
    before: T | None = None
    year_before: T | None = None

    def each(self, make: Callable[[T], S]) -> "Compared[S]":
        """The same made of each."""
        return Compared(
            now=make(self.now),
            before=None if self.before is None else make(self.before),
            year_before=None if self.year_before is None else make(self.year_before),
        )


Times = Compared[Facts]


def measured(figures: Compared[Figure], *, broken: bool = False, broken_in_year: bool = False) -> Measured:
    """The figures with their differences; `broken` ones do not compare because a definition changed."""
    now, before, year_before = figures.now, figures.before, figures.year_before
    return Measured(
        now=now,
        before=before,
        change=_change(now, before, broken=broken),
        year_before=year_before,
        year_change=_change(now, year_before, broken=broken_in_year),
    )


def _change(now: Figure, before: Figure | None, *, broken: bool) -> Figure | None:
    if before is None:
        return None
    return absent(Reason.DEFINITION_CHANGED) if broken else difference(now, before)
