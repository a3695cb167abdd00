"""What came back: reactions, comments and shares read in the week, and exposure where it exists."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from connectors.capabilities import Family, MetricDefinition
from scheduler.core.catalogue import Catalogue, common_metrics, comparable, definitions, of_family
from scheduler.core.figures import Figure, Part, Reason, absent, add_up, join
from scheduler.core.periods import Period
from scheduler.reports.dataset import Dimension, Measured, Row
from scheduler.reports.figures.cells import Cell
from scheduler.reports.figures.comparing import Compared, measured
from scheduler.reports.figures.slicing import Matrix, Slice, rows_of

RESPONSES = "responses"
FAMILIES = {"reactions": Family.REACTION, "comments": Family.COMMENT, "shares": Family.SHARE}

Native: TypeAlias = tuple[str, str]
Breaks: TypeAlias = Mapping[Slice, set[Native]]
Cells: TypeAlias = Compared[list[Cell]]
Choice: TypeAlias = Callable[[str], Sequence[MetricDefinition]]
Sums: TypeAlias = tuple[Figure, ...]


class Brought(NamedTuple):
    """What a cell adds: to each choice of metrics, and to what fell or was won back."""

    channel_id: int
    campaign: str | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """The cells of one platform at each time, and the metrics whose definitions changed since."""

    cells: Cells
    breaks: set[Native]
    breaks_in_year: set[Native]

    def figure(self, metric: MetricDefinition) -> Measured:
        """The sum, compared where the metric means the same."""
        return measured(
            self.cells.each(lambda cells: add_up(cell.part([metric]) for cell in cells)),
            broken=_touches(self.breaks, lambda _: [metric]),
            broken_in_year=_touches(self.breaks_in_year, lambda _: [metric]),
        )


def response_rows(
    matrix: Matrix, catalogue: Catalogue, cells: Cells, periods: Compared[Period]
) -> tuple[Row, ...]:
    """The common set by slice, compared where its definitions are the same."""
    breaks, breaks_in_year = _breaks_by_slice(matrix, catalogue, cells, periods)
    choices = {name: cache(choice) for name, choice in _choices(catalogue).items()}
    sums = cells.each(lambda found: matrix.sums([_brought(cell, choices) for cell in found], _add, _join))
    campaigns = {key for dimension, key in sums.now if dimension is Dimension.CAMPAIGN}
    nothing = (absent(Reason.NOTHING_TO_READ),) * (len(choices) + 1)

    def measure(place: Slice) -> Mapping[str, Measured]:
        here = sums.each(lambda slices: slices.get(place, nothing))
        told = {
            name: measured(
                here.each(itemgetter(number)),
                broken=_touches(breaks.get(place, ()), choice),
                broken_in_year=_touches(breaks_in_year.get(place, ()), choice),
            )
            for number, (name, choice) in enumerate(choices.items())
        }
        return {**told, "corrections": Measured(now=here.now[-1])}

    return rows_of(matrix, campaigns, measure)


def exposure_rows(
    matrix: Matrix, catalogue: Catalogue, cells: Cells, periods: Compared[Period]
) -> tuple[Row, ...]:
    """Exposure of each platform under its own definition, side by side: there is no sum over platforms."""
    matrix = matrix.along(Dimension.PLATFORM)
    breaks, breaks_in_year = _breaks_by_slice(matrix, catalogue, cells, periods)
    slices = cells.each(matrix.cut)

    def told(place: Slice) -> Told:
        here: Cells = slices.each(lambda found: found.get(place, []))
        return Told(here, breaks.get(place, set()), breaks_in_year.get(place, set()))

    return tuple(
        Row(dimension=place[0], key=place[1], measures=_exposure(catalogue, place[1], told(place)))
        for place in sorted(slices.now)
    )


def _brought(cell: Cell, choices: Mapping[str, Choice]) -> Brought:
    asked = [choice(cell.platform) for choice in choices.values()]
    fell = cell.part(choices[RESPONSES](cell.platform), "correction")
    return Brought(cell.channel_id, cell.campaign, (*map(cell.part, asked), fell))


def _add(found: Sequence[Brought]) -> Sums:
    return tuple(map(add_up, zip(*(one.parts for one in found), strict=True)))


def _join(sums: Sequence[Sums]) -> Sums:
    return tuple(map(join, zip(*sums, strict=True)))


def _breaks_by_slice(
    matrix: Matrix, catalogue: Catalogue, cells: Cells, periods: Compared[Period]
) -> tuple[Breaks, Breaks]:
    """The metrics whose definitions changed since the time before, and since the year before: mostly none."""
    dated, several = _dated_breaks(matrix, catalogue, periods), _several(cells)
    if not (several or dated.before or dated.year_before):
        return {}, {}
    now, before, year_before, *_ = cells.each(matrix.cut)
    return (
        _since(now, before or {}, dated.before or set(), several),
        _since(now, year_before or {}, dated.year_before or set(), several),
    )


def _since(
    now: Mapping[Slice, Sequence[Cell]],
    earlier: Mapping[Slice, Sequence[Cell]],
    dated: set[Native],
    several: set[Native],
) -> Breaks:
    return {
        place: _breaks(several, cells, earlier.get(place, []))
        | {native for native in dated if native[0] in {cell.platform for cell in cells}}
        for place, cells in now.items()
    }


def _dated_breaks(matrix: Matrix, catalogue: Catalogue, periods: Compared[Period]) -> Compared[set[Native]]:
    """The metrics that the catalogue says were redefined, began or ended since the earlier time began."""
    last = periods.now.last_day
    metrics = {
        (platform, metric.name): metric
        for platform in matrix.platforms
        for metric in definitions(catalogue, platform, "publication")
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
    whole, cells = told.figure(metric), told.cells.now
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


def _choices(catalogue: Catalogue) -> dict[str, Choice]:
    """All of the common set, and each family of it."""
    return {
        RESPONSES: lambda platform: common_metrics(catalogue, platform),
        **{name: _choice(catalogue, family) for name, family in FAMILIES.items()},
    }


def _touches(breaks: Iterable[Native], choice: Choice) -> bool:
    return any(name in {metric.name for metric in choice(platform)} for platform, name in breaks)


def _choice(catalogue: Catalogue, family: Family) -> Choice:
    return lambda platform: of_family(catalogue, platform, family)


def _several(cells: Cells) -> set[Native]:
    """The metrics that moved under more than one definition in all the times together: mostly none."""
    every = chain(*(found for found in (cells.now, cells.before, cells.year_before) if found))
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
