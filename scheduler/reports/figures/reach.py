"""People reached, as each platform counts them for such a time: a range over channels, never a sum.

The same person may follow several channels: at least the largest single figure, at most all of them together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from scheduler.core.facts import Facts
from scheduler.core.figures import Figure, Part, Reason, add_up, join
from scheduler.core.periods import Kind
from scheduler.reports.dataset import Dimension, Measured, Row
from scheduler.reports.figures.slicing import Matrix, Slice, rows_of

NATIVE = {Kind.WEEK: "week", Kind.MONTH: "month", Kind.YEAR: "year"}
"""What platforms call a time as long as the report's; where they have none, reach is not known."""

Range: TypeAlias = tuple[Figure, Figure]
KEPT = (Dimension.TOTAL, Dimension.PLATFORM, Dimension.LANGUAGE, Dimension.REGION, Dimension.CHANNEL)


@dataclass(frozen=True, slots=True)
class Reached:
    """What one channel says of the people it reached."""

    part: Part
    campaign: str | None = None

    @property
    def channel_id(self) -> int:
        """Its channel."""
        return self.part.channel


def reach_rows(matrix: Matrix, facts: Facts) -> tuple[Row, ...]:
    """The least and the most people reached, by slice; both are one figure where there is one channel."""
    matrix = matrix.along(*KEPT)
    slices = matrix.sums(_reached(matrix, facts), _alone, _join)

    def measure(place: Slice) -> Mapping[str, Measured]:
        floor, ceiling = slices.get(place) or _alone(())
        return {"reach_floor": Measured(now=floor), "reach_ceiling": Measured(now=ceiling)}

    return rows_of(matrix, (), measure)


def _reached(matrix: Matrix, facts: Facts) -> list[Reached]:
    known = {fact.channel_id: fact for fact in facts.reach}
    found = []
    for channel in matrix.channels:
        fact = known.get(channel)
        fresh = fact is not None and fact.read_at is not None and fact.read_at >= facts.starts_at
        reason = Reason.NO_DEFINITION if fact is None else None if fresh else Reason.NOT_READ
        if fresh and fact is not None and fact.value is None:
            reason = Reason.NOT_GIVEN
        value = fact.value if fact is not None and fresh else None
        found.append(Reached(Part(channel=channel, value=value, reason=reason)))
    return found


def _alone(found: Sequence[Reached]) -> Range:
    """One channel's: it says no more than one thing."""
    figure = add_up([one.part for one in found])
    return figure, figure


def _join(ranges: Sequence[Range]) -> Range:
    floors = [floor.value for floor, _ in ranges if floor.value is not None]
    ceiling = join([ceiling for _, ceiling in ranges])
    return replace(ceiling, value=max(floors)) if floors else ceiling, ceiling
