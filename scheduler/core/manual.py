"""Readings that people enter: one row of their table as a value, and what stands of it in the books."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from connectors.capabilities import MetricDefinition
from connectors.counters.manual import COUNTERS
from scheduler.core.cells import Reader, count, day, name, not_known, optional_name, read_cells, source
from scheduler.core.problems import Problem
from scheduler.core.wording import N_

REQUIRED = ("channel", "metric", "value", "first_day", "source")
OPTIONAL = ("last_day", "post")
METRICS: Mapping[str, MetricDefinition] = {metric.name: metric for metric in COUNTERS.metrics}
OVERLAPS_ROW = N_("these days overlap {first} to {last} of row {other}: some would count twice")
OVERLAPS_BOOKS = N_("these days overlap {first} to {last}, which are in the books: some would count twice")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ReadingKey:
    """What a reading is of; days are inclusive. Another value for the same key corrects it."""

    channel: str
    metric: str
    post: str
    first_day: date
    last_day: date

    @property
    def series(self) -> tuple[str, str, str]:
        """What must not count a day twice."""
        return self.channel, self.metric, self.post

    def overlaps(self, other: "ReadingKey") -> bool:
        """True where both count a day: never of levels, which are added over no days."""
        if self == other or self.series != other.series or METRICS[self.metric].level:
            return False
        return self.first_day <= other.last_day and other.first_day <= self.last_day


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualEntry:
    """A reading as its row tells it; `row` is the spreadsheet's, `source` a document or a person."""

    row: int
    key: ReadingKey
    value: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualReading:
    """A reading in the books; `corrects` is the value it was entered with before, None for the first."""

    key: ReadingKey
    version: str
    value: int
    source: str
    by: str
    entered_at: datetime
    title: str
    language: str
    region: str
    corrects: int | None = None


Standing: TypeAlias = Mapping[ReadingKey, ManualReading]


def read_manual_entry(
    row: int, cells: Mapping[str, str], *, today: date
) -> tuple[ManualEntry | None, list[Problem]]:
    """The reading of one row, or None and every problem of the row; days must be over by `today`."""
    values, problems = read_cells(row, cells, _READERS)
    if problems:
        return None, problems
    first, last = values["first_day"], values["last_day"] or values["first_day"]
    if last < first:
        problems.append(_at(row, "last_day", N_("{last} is before {first}"), last=last, first=first))
    if last > today:
        column = "last_day" if values["last_day"] else "first_day"
        problems.append(_at(row, column, N_("{last} is not over yet"), last=last))
    key = ReadingKey(
        channel=values["channel"],
        metric=values["metric"],
        post=values["post"],
        first_day=first,
        last_day=last,
    )
    entry = ManualEntry(row=row, key=key, value=values["value"], source=values["source"])
    return (None, problems) if problems else (entry, [])


def clashes(entries: Iterable[ManualEntry], standing: Iterable[ReadingKey]) -> list[Problem]:
    """Rows that tell a reading twice, or count days that another row or the books count already."""
    problems: list[Problem] = []
    known: dict[tuple[str, str, str], list[ReadingKey]] = {}
    for key in standing:
        known.setdefault(key.series, []).append(key)
    above: dict[tuple[str, str, str], list[ManualEntry]] = {}
    for entry in entries:
        earlier = above.setdefault(entry.key.series, [])
        problems += filter(None, (_clash(entry, other) for other in earlier))
        problems += [
            _overlap(entry, key, OVERLAPS_BOOKS)
            for key in known.get(entry.key.series, ())
            if entry.key.overlaps(key)
        ]
        earlier.append(entry)
    return problems


def _clash(entry: ManualEntry, other: ManualEntry) -> Problem | None:
    if entry.key == other.key:
        return _at(entry.row, "metric", N_("the same as in row {other}"), other=other.row)
    if entry.key.overlaps(other.key):
        return _overlap(entry, other.key, OVERLAPS_ROW, other=other.row)
    return None


def _overlap(entry: ManualEntry, key: ReadingKey, message: str, **more: int) -> Problem:
    return _at(entry.row, "first_day", message, first=key.first_day, last=key.last_day, **more)


def _at(row: int, column: str, message: str, **params: object) -> Problem:
    told = {key: value if isinstance(value, int) else str(value) for key, value in params.items()}
    return Problem(message=message, params=told, row=row, column=column)


def _metric(cell: str) -> str:
    if cell not in METRICS:
        raise not_known(cell, METRICS)
    return cell


_READERS: dict[str, Reader] = {
    "channel": name,
    "metric": _metric,
    "value": count,
    "first_day": day,
    "last_day": lambda cell: day(cell) if cell else None,
    "source": source,
    "post": optional_name,
}
