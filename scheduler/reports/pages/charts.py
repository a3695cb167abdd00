"""Bars: shapes only. The words beside them are HTML, in the reader's script and direction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scheduler.core.figures import Figure
from scheduler.reports.dataset import Row, Section

LENGTH = 100.0
MAIN_MEASURE = {
    Section.OUTPUT: "publications",
    Section.REACH: "reach_ceiling",
    Section.RESPONSES: "responses",
    Section.AUDIENCE: "followers",
    Section.COVERAGE: "countable",
}

INKS = {
    "publications": "#7a6a52",
    "responses": "#2b5f8a",
    "reactions": "#2b5f8a",
    "comments": "#c58413",
    "shares": "#5b8c59",
    "followers": "#2b5f8a",
    "exposure": "#6b5b95",
    "read": "#5b8c59",
    "gap": "#e4dfd3",
}
"""What is drawn where no style sheet reaches into a chart; a screen has the same in weekly.css."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a bar, in percent of the longest one, and the measure that colours it."""

    measure: str
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; a gap when there is no number to draw."""

    segments: tuple[Segment, ...]
    gap: bool


def scale(rows: Iterable[Row], measures: Sequence[str]) -> int:
    """What a bar of full length stands for, where all of these rows are drawn beside each other."""
    return max((_length(row, measures) for row in rows), default=0)


def bars(rows: Sequence[Row], measures: Sequence[str], longest: int) -> list[Bar]:
    """A stacked bar for each row; one of full length stands for `longest`."""
    return [_bar(row, measures, longest) for row in rows]


def quiet(rows: Sequence[Row], measures: Iterable[str]) -> list[str]:
    """The measures that are 0 wherever there is a number: better said once than in a column of zeros."""
    found = {name: {row.measures[name].now.value for row in rows} for name in measures}
    return [name for name, values in found.items() if 0 in values and values <= {0, None}]


def by_size(rows: Iterable[Row], measure: str) -> list[Row]:
    """The largest first, then what bears no name (no campaign, no region), those without a number last."""
    return sorted(rows, key=lambda row: _descending(row.measures[measure].now, named=bool(row.key)))


def heat(figure: Figure, largest: int) -> int:
    """How strongly to tint a cell, 0 to 6; 0 only for zero and for no number."""
    if not figure.value or largest <= 0:
        return 0
    return max(1, round(6 * figure.value / largest))


def _descending(figure: Figure, *, named: bool) -> tuple[bool, bool, int]:
    return (figure.value is None, not named, -(figure.value or 0))


def _length(row: Row, measures: Sequence[str]) -> int:
    return sum(max(row.measures[measure].now.value or 0, 0) for measure in measures)


def _bar(row: Row, measures: Sequence[str], longest: int) -> Bar:
    segments, start = [], 0.0
    for measure in measures:
        value = max(row.measures[measure].now.value or 0, 0)
        length = LENGTH * value / longest if longest else 0.0
        if length:
            segments.append(Segment(measure, round(start, 2), round(length, 2)))
        start += length
    gap = all(row.measures[measure].now.value is None for measure in measures)
    return Bar(tuple(segments), gap)
