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

Choice: TypeAlias = Callable[[str], Sequence[MetricDefinition]]


def response_rows(matrix: Matrix, catalogue: Catalogue, now: Facts, before: Facts) -> tuple[Row, ...]:
    """The common set by slice, compared with the week before where its definitions are the same."""
    current = matrix.cut(cells_of(matrix, catalogue, now))
    earlier = matrix.cut(cells_of(matrix, catalogue, before))
    campaigns = {key for dimension, key in current if dimension is Dimension.CAMPAIGN}

    def measure(place: Slice) -> Mapping[str, Measured]:
        return _responses(catalogue, current.get(place, []), earlier.get(place, []))

    return rows_of(matrix, campaigns, measure)


def exposure_rows(matrix: Matrix, catalogue: Catalogue, now: Facts) -> tuple[Row, ...]:
    """Exposure of each platform under its own definition, side by side: there is no sum over platforms."""
    cells = matrix.cut(cells_of(matrix, catalogue, now))
    return tuple(
        Row(dimension=place[0], key=place[1], measures=_exposure(catalogue, place[1], cells[place]))
        for place in sorted(cells)
        if place[0] is Dimension.PLATFORM
    )


def _exposure(catalogue: Catalogue, platform: str, cells: Sequence[Cell]) -> Mapping[str, Measured]:
    metrics = of_family(catalogue, platform, Family.EXPOSURE)
    if not metrics:
        return {"exposure": Measured(now=absent(Reason.NO_DEFINITION))}
    return {metric.name: Measured(now=add_up(cell.part([metric]) for cell in cells)) for metric in metrics}


def _responses(catalogue: Catalogue, now: Sequence[Cell], before: Sequence[Cell]) -> Mapping[str, Measured]:
    """All of the common set, each family of it, and what fell or was won back."""
    comparable = _same_definitions(now, before)

    def compared(choice: Choice) -> Measured:
        current, earlier = _sum(now, choice), _sum(before, choice)
        change = difference(current, earlier) if comparable else absent(Reason.DEFINITION_CHANGED)
        return Measured(now=current, before=earlier, change=change)

    def common(platform: str) -> Sequence[MetricDefinition]:
        return common_metrics(catalogue, platform)

    return {
        "responses": compared(common),
        **{name: compared(_choice(catalogue, family)) for name, family in FAMILIES.items()},
        "corrections": Measured(now=_sum(now, common, column="correction")),
    }


def _choice(catalogue: Catalogue, family: Family) -> Choice:
    return lambda platform: of_family(catalogue, platform, family)


def _sum(cells: Sequence[Cell], choice: Choice, *, column: str = "increment") -> Figure:
    return add_up(cell.part(choice(cell.platform), column) for cell in cells)


def _same_definitions(now: Sequence[Cell], before: Sequence[Cell]) -> bool:
    """True unless a metric that moved in both weeks did so under different definitions."""
    current, earlier = _definitions(now), _definitions(before)
    return all(current[metric] == earlier[metric] for metric in current.keys() & earlier.keys())


def _definitions(cells: Sequence[Cell]) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for cell in cells:
        for fact in cell.movements:
            found.setdefault((cell.platform, fact.metric), set()).add(fact.definition)
    return found
