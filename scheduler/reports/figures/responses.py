"""What came back: reactions, comments and shares read in the week, and exposure where it exists."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import TypeAlias

from connectors.capabilities import Family, MetricDefinition
from scheduler.core.catalogue import Catalogue, common_metrics, comparable, definitions, of_family
from scheduler.core.figures import Figure, Part, Reason, absent, add_up
from scheduler.core.periods import Period
from scheduler.reports.dataset import Dimension, Measured, Row
from scheduler.reports.figures.cells import Cell, cells_of
from scheduler.reports.figures.comparing import Compared, Times, measured
from scheduler.reports.figures.slicing import Matrix, Slice, rows_of

RESPONSES = "responses"
FAMILIES = {"reactions": Family.REACTION, "comments": Family.COMMENT, "shares": Family.SHARE}

Native: TypeAlias = tuple[str, str]
CellsBySlice: TypeAlias = Compared[dict[Slice, list[Cell]]]
Choice: TypeAlias = Callable[[str], Sequence[MetricDefinition]]
Adding: TypeAlias = Callable[[Cell, Choice, str], Part]


@dataclass(frozen=True, slots=True)
class Told:
    """The cells of one slice at each time, and the metrics whose definitions changed since.

    `part` is what a cell adds, by what is chosen and the column: a cell lies in eight slices.
    """

    cells: Compared[Sequence[Cell]]
    breaks: set[Native]
    breaks_in_year: set[Native]
    part: Adding

    def sum(self, cells: Sequence[Cell], choice: Choice, column: str = "increment") -> Figure:
        """The sum over the metrics that `choice` names of a platform."""
        return add_up([self.part(cell, choice, column) for cell in cells])

    def figure(self, choice: Choice) -> Measured:
        """That sum, compared where the metrics mean the same."""
        return measured(
            self.cells.each(lambda cells: self.sum(cells, choice)),
            broken=_touches(self.breaks, choice),
            broken_in_year=_touches(self.breaks_in_year, choice),
        )


def cut_cells(matrix: Matrix, catalogue: Catalogue, times: Times) -> CellsBySlice:
    """The cells of each time by slice: what responses and exposure are both made of."""
    return times.each(lambda facts: matrix.cut(cells_of(matrix, catalogue, facts, compared=facts.compared)))


def response_rows(
    matrix: Matrix, catalogue: Catalogue, cells: CellsBySlice, periods: Compared[Period]
) -> tuple[Row, ...]:
    """The common set by slice, compared where its definitions are the same."""
    dated, several = _dated_breaks(matrix, catalogue, periods), _several(cells)
    campaigns = {key for dimension, key in cells.now if dimension is Dimension.CAMPAIGN}
    choices = {name: cache(choice) for name, choice in _choices(catalogue).items()}
    part = cache(_part)

    def measure(place: Slice) -> Mapping[str, Measured]:
        return _responses(choices, _told(cells, dated, several, place, part))

    return rows_of(matrix, campaigns, measure)


def exposure_rows(
    matrix: Matrix, catalogue: Catalogue, cells: CellsBySlice, periods: Compared[Period]
) -> tuple[Row, ...]:
    """Exposure of each platform under its own definition, side by side: there is no sum over platforms."""
    dated, several = _dated_breaks(matrix, catalogue, periods), _several(cells)
    return tuple(
        Row(
            dimension=place[0],
            key=place[1],
            measures=_exposure(catalogue, place[1], _told(cells, dated, several, place, _part)),
        )
        for place in sorted(cells.now)
        if place[0] is Dimension.PLATFORM
    )


def _told(
    cells: CellsBySlice, dated: Compared[set[Native]], several: set[Native], place: Slice, part: Adding
) -> Told:
    here: Compared[Sequence[Cell]] = cells.each(lambda slices: slices.get(place, []))
    platforms = {cell.platform for cell in here.now}
    known = dated.each(lambda natives: {native for native in natives if native[0] in platforms})
    return Told(
        here,
        _breaks(several, here.now, here.before or []) | (known.before or set()),
        _breaks(several, here.now, here.year_before or []) | (known.year_before or set()),
        part,
    )


def _dated_breaks(matrix: Matrix, catalogue: Catalogue, periods: Compared[Period]) -> Compared[set[Native]]:
    """The metrics that the catalogue says were redefined, began or ended since the earlier time began."""
    last = periods.now.last_day
    metrics = {
        (channel.platform, metric.name): metric
        for channel in matrix.channels.values()
        for metric in definitions(catalogue, channel.platform, "publication")
    }

    def since(period: Period) -> set[Native]:
        first = period.first_day
        return {
            native for native, metric in metrics.items() if not comparable([metric], first=first, last=last)
        }

    return periods.each(since)


def _exposure(catalogue: Catalogue, platform: str, told: Told) -> Mapping[str, Measured]:
    metrics = of_family(catalogue, platform, Family.EXPOSURE)
    if not metrics:
        return {"exposure": Measured(now=absent(Reason.NO_DEFINITION))}
    return {name: figure for metric in metrics for name, figure in _native(metric, told).items()}


def _native(metric: MetricDefinition, told: Told) -> Mapping[str, Measured]:
    """One native figure; where its definition changed within the time, one for each version instead."""
    whole, cells = told.figure(lambda _: [metric]), told.cells.now
    versions = sorted(
        {fact.definition for cell in cells for fact in cell.movements if fact.metric == metric.name}
    )
    if len(versions) < 2:
        return {metric.name: whole}
    broken = absent(Reason.DEFINITION_CHANGED)
    parts = {
        f"{metric.name}/{version}": Measured(
            now=add_up(cell.part([metric], version=version) for cell in cells)
        )
        for version in versions
    }
    return {
        metric.name: measured(Compared(now=broken, before=whole.before, year_before=whole.year_before)),
        **parts,
    }


def _responses(choices: Mapping[str, Choice], told: Told) -> Mapping[str, Measured]:
    """Each figure, and what fell or was won back."""
    fell = told.sum(told.cells.now, choices[RESPONSES], "correction")
    return {
        **{name: told.figure(choice) for name, choice in choices.items()},
        "corrections": Measured(now=fell),
    }


def _choices(catalogue: Catalogue) -> dict[str, Choice]:
    """All of the common set, and each family of it."""
    return {
        RESPONSES: lambda platform: common_metrics(catalogue, platform),
        **{name: _choice(catalogue, family) for name, family in FAMILIES.items()},
    }


def _touches(breaks: set[Native], choice: Choice) -> bool:
    return any(name in {metric.name for metric in choice(platform)} for platform, name in breaks)


def _choice(catalogue: Catalogue, family: Family) -> Choice:
    return lambda platform: of_family(catalogue, platform, family)


def _part(cell: Cell, choice: Choice, column: str) -> Part:
    return cell.part(choice(cell.platform), column)


def _several(cells: CellsBySlice) -> set[Native]:
    """The metrics that moved under more than one definition in all the times together: mostly none."""
    total = (Dimension.TOTAL, "")
    every = chain(
        *(slices.get(total, ()) for slices in (cells.now, cells.before, cells.year_before) if slices)
    )
    return {native for native, found in _definitions(every).items() if len(found) > 1}


def _breaks(several: set[Native], now: Sequence[Cell], before: Sequence[Cell]) -> set[Native]:
    """Those of these metrics that moved in both times, but not under the same definitions."""
    if not several:
        return set()
    current, earlier = _definitions(now), _definitions(before)
    return {native for native in current.keys() & earlier.keys() if current[native] != earlier[native]}


def _definitions(cells: Iterable[Cell]) -> dict[Native, set[str]]:
    found: dict[Native, set[str]] = {}
    for cell in cells:
        for fact in cell.movements:
            found.setdefault((cell.platform, fact.metric), set()).add(fact.definition)
    return found
