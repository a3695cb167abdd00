"""What a closed report would say now, held against what was last known of it."""

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, TypeAlias

from scheduler.core.facts import Facts
from scheduler.core.figures import Figure, Reason
from scheduler.core.manual import ManualReading
from scheduler.reports.dataset import Dimension, ManualFigure, Measured
from scheduler.reports.figures.building import Frame, tables_of
from scheduler.reports.figures.comparing import Compared
from scheduler.reports.figures.slicing import matrix_of
from scheduler.reports.tidy import manual_figure
from scheduler.reports.words.manual import manual_figures

Where: TypeAlias = tuple[str, str, str]
Place: TypeAlias = tuple[str, str, str, str]
Told: TypeAlias = Mapping[Where, Mapping[str, Measured]]
Plain: TypeAlias = Mapping[str, Any]

KEPT = (Dimension.TOTAL, Dimension.PLATFORM, Dimension.CHANNEL)
"""Where a change is told: in all, on which platform, on which channel. The other splits follow from these."""


def figures_now(frame: Frame, facts: Facts, manual: Iterable[ManualReading]) -> Told:
    """The figures of a period of which a change is told, as they are by these facts."""
    tables = tables_of(frame, matrix_of(facts.channels).along(*KEPT), Compared(now=facts))
    told: dict[Where, Mapping[str, Measured]] = {
        (section, row.dimension, row.key): row.measures
        for section, rows in tables.items()
        for row in rows
        if row.dimension in KEPT
    }
    for one in map(manual_figure, manual_figures(manual)):
        told[one.place] = {**told.get(one.place, {}), one.measure: Measured(now=one.figure)}
    return told


def changes(
    frozen: str, restated: Mapping[Place, Figure], now: Told
) -> Iterator[tuple[Place, Figure, Figure]]:
    """(place, old, new) of each figure that has another number, or another reason for none.

    `frozen` is the text of the report, `restated` what was noticed before. A figure that the frozen report
    did not have is no change of it.
    """
    for where, measure, told in _told(json.loads(frozen), now.keys()):
        place, new = (*where, measure), now[where].get(measure)
        old = restated.get(place)
        was = (old.value, old.reason) if old else (told["value"], told["reason"])
        if new and was != (new.now.value, new.now.reason) and "." not in measure:
            yield place, old or _figure(told), new.now


def _told(frozen: Plain, asked: Container[Where]) -> Iterator[tuple[Where, str, Plain]]:
    """The figures of the period itself as plain values: to make a dataset of it all takes twice as long."""
    for section, rows in frozen["tables"].items():
        for row in rows:
            if (where := (section, row["dimension"], row["key"])) in asked:
                for measure, measured in row["measures"].items():
                    yield where, measure, measured["now"]
    for reading in frozen.get("manual", ()):
        one = manual_figure(ManualFigure(**reading))
        if one.place in asked:
            yield one.place, one.measure, asdict(one.figure)


def _figure(told: Plain) -> Figure:
    reason = told["reason"]
    return Figure(**{**told, "reason": Reason(reason) if reason else None})
