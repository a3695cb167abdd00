"""What a closed report would say now, held against what was last known of it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from scheduler.core.facts import Facts
from scheduler.core.figures import Figure
from scheduler.core.manual import ManualReading
from scheduler.reports.dataset import Dimension, ManualFigure, ReachDataset, Row, Section
from scheduler.reports.figures.building import Frame, tables_of
from scheduler.reports.figures.comparing import Compared
from scheduler.reports.figures.slicing import matrix_of
from scheduler.reports.tidy import manual_figure
from scheduler.reports.words.manual import manual_figures

Place: TypeAlias = tuple[str, str, str, str]

KEPT = (Dimension.TOTAL, Dimension.PLATFORM, Dimension.CHANNEL)
"""Where a change is told: in all, on which platform, on which channel. The other splits follow from these."""


def figures_now(frame: Frame, facts: Facts, manual: Iterable[ManualReading]) -> dict[Place, Figure]:
    """The figures of a period of which a change is told, as they are by these facts."""
    tables = tables_of(frame, matrix_of(facts.channels).along(*KEPT), Compared(now=facts))
    return _told(tables, manual_figures(manual))


def changes(
    frozen: ReachDataset, restated: Mapping[Place, Figure], now: Mapping[Place, Figure]
) -> Iterator[tuple[Place, Figure, Figure]]:
    """(place, old, new) of each figure that has another number, or another reason for none.

    `restated` is what was noticed before. A figure that the frozen report did not have is no change of it.
    """
    for place, figure in _told(frozen.tables, frozen.manual).items():
        old, new = restated.get(place, figure), now.get(place)
        if new is not None and (old.value, old.reason) != (new.value, new.reason):
            yield place, old, new


def _told(tables: Mapping[Section, Iterable[Row]], manual: Iterable[ManualFigure]) -> dict[Place, Figure]:
    """The figures of the period itself, not those it was compared with."""
    told = {
        (section, row.dimension, row.key, measure): measured.now
        for section, rows in tables.items()
        for row in rows
        if row.dimension in KEPT
        for measure, measured in row.measures.items()
    }
    entered = {
        (one.section, one.dimension, one.key, one.measure): one.figure for one in map(manual_figure, manual)
    }
    return {place: figure for place, figure in (told | entered).items() if "." not in place[3]}
