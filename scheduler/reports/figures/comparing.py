"""The same time told three ways: now, the period before, and the same period a year before."""

from collections.abc import Callable
from dataclasses import replace
from typing import Generic, NamedTuple, TypeVar

from scheduler.core.facts import Facts
from scheduler.core.figures import Figure, Reason, absent, difference
from scheduler.reports.dataset import Measured, Row

T = TypeVar("T")
S = TypeVar("S")


class Compared(NamedTuple, Generic[T]):
    """What there is of each; None where there is nothing to compare with.

    `alike` is what of now is held against `before`, None for all of it, and `alike_in_year` against
    `year_before`.
    """

    now: T
    before: T | None = None
    year_before: T | None = None
    alike: T | None = None
    alike_in_year: T | None = None

    def each(self, make: Callable[[T], S]) -> "Compared[S]":
        """The same made of each."""
        return Compared(
            now=make(self.now),
            before=None if self.before is None else make(self.before),
            year_before=None if self.year_before is None else make(self.year_before),
            alike=None if self.alike is None else make(self.alike),
            alike_in_year=None if self.alike_in_year is None else make(self.alike_in_year),
        )


Times = Compared[Facts]


def times(now: Facts, *, before: Facts | None, year_before: Facts | None) -> Times:
    """The facts of each time; an earlier one is compared over the channels whose books cover all of it."""
    earlier, alike = _held_against(before, now)
    in_year, alike_in_year = _held_against(year_before, now)
    return Compared(now=now, before=earlier, year_before=in_year, alike=alike, alike_in_year=alike_in_year)


def measured(figures: Compared[Figure], *, broken: bool = False, broken_in_year: bool = False) -> Measured:
    """The figures with their differences; `broken` ones do not compare because a definition changed."""
    before, year_before = figures.before, figures.year_before
    return Measured(
        now=figures.now,
        before=before,
        change=_change(figures.alike or figures.now, before, broken=broken),
        year_before=year_before,
        year_change=_change(figures.alike_in_year or figures.now, year_before, broken=broken_in_year),
    )


def still_running(row: Row) -> Row:
    """The row where its period is not over: what there is so far is no change against a whole one."""
    measures = {
        name: replace(one, change=_not_over(one.change), year_change=_not_over(one.year_change))
        for name, one in row.measures.items()
    }
    return replace(row, measures=measures)


def _not_over(change: Figure | None) -> Figure | None:
    return absent(Reason.NOT_OVER) if change and change.value is not None else change


def _held_against(earlier: Facts | None, now: Facts) -> tuple[Facts | None, Facts | None]:
    """(what is known of an earlier time, what of now is held against it); (None, None) before the books."""
    if earlier is None or not earlier.channels:
        return None, None
    covered = frozenset(one.id for one in now.channels if one.begun_at <= earlier.starts_at)
    if len(covered) == len(now.channels):
        return earlier, None
    return replace(earlier, compared=covered), replace(now, compared=covered)


def _change(now: Figure, before: Figure | None, *, broken: bool) -> Figure | None:
    if before is None:
        return None
    return absent(Reason.DEFINITION_CHANGED) if broken else difference(now, before)
