"""What a closed report would say now, held against what was last known of it."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from scheduler.core.figures import Figure
from scheduler.reports.dataset import Dimension, ReachDataset
from scheduler.reports.tidy import TidyFigure, tidy

Place: TypeAlias = tuple[str, str, str, str]

KEPT = (Dimension.TOTAL, Dimension.PLATFORM, Dimension.CHANNEL)
"""Where a change is told: in all, on which platform, on which channel. The other splits follow from these."""


def changes(
    frozen: ReachDataset, restated: Mapping[Place, Figure], now: ReachDataset
) -> Iterator[tuple[Place, Figure, Figure]]:
    """(place, old, new) of each figure that has another number, or another reason for none.

    `restated` is what was noticed before. A figure that the frozen report did not have is no change of it.
    """
    current = {_place(one): one.figure for one in _told(now)}
    for one in _told(frozen):
        place = _place(one)
        old, new = restated.get(place, one.figure), current.get(place)
        if new is not None and (old.value, old.reason) != (new.value, new.reason):
            yield place, old, new


def _told(dataset: ReachDataset) -> Iterator[TidyFigure]:
    """The figures of the period itself, not those it was compared with nor the posts."""
    return (one for one in tidy(dataset) if one.dimension in KEPT and "." not in one.measure)


def _place(one: TidyFigure) -> Place:
    return one.section, one.dimension, one.key, one.measure
