"""What came back: reactions, comments and shares read in the week, and exposure where it exists."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from connectors.capabilities import Family, MetricDefinition
from scheduler.core.catalogue import Catalogue, common_metrics, of_family
from scheduler.core.facts import Facts
from scheduler.core.figures import Figure, Reason, absent, add_up, difference
from scheduler.reports.cells import Cell, cells_of
from scheduler.reports.dataset import Dimension, Measured, Row
from scheduler.reports.slicing import Matrix, Slice, rows_of

FAMILIES = {"reactions": Family.REACTION, "comments": Family.COMMENT, "shares": Family.SHARE}

Native: TypeAlias = tuple[str, str]
Choice: TypeAlias = Callable[[str], Sequence[MetricDefinition]]


def response_rows(matrix: Matrix, catalogue: Catalogue, now: Facts, before: Facts) -> tuple[Row, ...]:
    """The common set by slice, compared with the week before where its definitions are the same."""
    current = matrix.cut(cells_of(matrix, catalogue, now))
    earlier = matrix.cut(cells_of(matrix, catalogue, before))
    campaigns = {key for dimension, key in current if dimension is Dimension.CAMPAIGN}

    def measure(place: Slice) -> Mapping[str, Measured]:
        return _responses(catalogue, current.get(place, []), earlier.get(place, []))

    return rows_of(matrix, campaigns, measure)


def exposure_rows(matrix: Matrix, catalogue: Catalogue, now: Facts, before: Facts) -> tuple[Row, ...]:
    """Exposure of each platform under its own definition, side by side: there is no sum over platforms."""
    current = matrix.cut(cells_of(matrix, catalogue, now))
    earlier = matrix.cut(cells_of(matrix, catalogue, before))
    return tuple(
        Row(
            dimension=place[0], key=place[1], measures=_exposure(catalogue, place[1], current[place], earlier)
        )
        for place in sorted(current)
        if place[0] is Dimension.PLATFORM
    )


def _exposure(
    catalogue: Catalogue, platform: str, cells: Sequence[Cell], earlier: Mapping[Slice, Sequence[Cell]]
) -> Mapping[str, Measured]:
    metrics = of_family(catalogue, platform, Family.EXPOSURE)
    if not metrics:
        return {"exposure": Measured(now=absent(Reason.NO_DEFINITION))}
    before = earlier.get((Dimension.PLATFORM, platform), [])
    return {name: measured for metric in metrics for name, measured in _native(metric, cells, before).items()}


def _native(metric: MetricDefinition, now: Sequence[Cell], before: Sequence[Cell]) -> Mapping[str, Measured]:
    """One native figure; where its definition changed within the time, one for each version instead."""
    compared = _compared(now, before, lambda _: [metric], _breaks(now, before))
    versions = sorted(
        {fact.definition for cell in now for fact in cell.movements if fact.metric == metric.name}
    )
    if len(versions) < 2:
        return {metric.name: compared}
    broken = absent(Reason.DEFINITION_CHANGED)
    return {
        metric.name: Measured(now=broken, before=compared.before, change=broken),
        **{
            f"{metric.name}/{version}": Measured(
                now=add_up(cell.part([metric], version=version) for cell in now)
            )
            for version in versions
        },
    }


def _responses(catalogue: Catalogue, now: Sequence[Cell], before: Sequence[Cell]) -> Mapping[str, Measured]:
    """All of the common set, each family of it, and what fell or was won back."""
    breaks = _breaks(now, before)

    def common(platform: str) -> Sequence[MetricDefinition]:
        return common_metrics(catalogue, platform)

    return {
        "responses": _compared(now, before, common, breaks),
        **{
            name: _compared(now, before, _choice(catalogue, family), breaks)
            for name, family in FAMILIES.items()
        },
        "corrections": Measured(now=_sum(now, common, column="correction")),
    }


def _compared(now: Sequence[Cell], before: Sequence[Cell], choice: Choice, breaks: set[Native]) -> Measured:
    current, earlier = _sum(now, choice), _sum(before, choice)
    broken = any(name in {metric.name for metric in choice(platform)} for platform, name in breaks)
    change = absent(Reason.DEFINITION_CHANGED) if broken else difference(current, earlier)
    return Measured(now=current, before=earlier, change=change)


def _choice(catalogue: Catalogue, family: Family) -> Choice:
    return lambda platform: of_family(catalogue, platform, family)


def _sum(cells: Sequence[Cell], choice: Choice, *, column: str = "increment") -> Figure:
    return add_up(cell.part(choice(cell.platform), column) for cell in cells)


def _breaks(now: Sequence[Cell], before: Sequence[Cell]) -> set[Native]:
    """The metrics that moved in both times, but not under the same definitions."""
    current, earlier = _definitions(now), _definitions(before)
    return {native for native in current.keys() & earlier.keys() if current[native] != earlier[native]}


def _definitions(cells: Sequence[Cell]) -> dict[Native, set[str]]:
    found: dict[Native, set[str]] = {}
    for cell in cells:
        for fact in cell.movements:
            found.setdefault((cell.platform, fact.metric), set()).add(fact.definition)
    return found
