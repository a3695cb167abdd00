"""The smallest piece a figure is made of: one channel's publications of one campaign in a stretch of time."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from connectors.capabilities import MetricDefinition
from scheduler.core.catalogue import Catalogue, definitions
from scheduler.core.facts import MovementFact, ReadingFact
from scheduler.core.figures import Part, Reason
from scheduler.reports.figures.slicing import Matrix, Placed, Presence


class Read(Protocol):
    """What cells are made of: Facts, or less where nothing else is wanted."""

    @property
    def publications(self) -> Sequence[Placed]:
        """Where anything went live in the time."""
        ...

    @property
    def readings(self) -> Sequence[ReadingFact]:
        """How publications were read in it."""
        ...

    @property
    def movements(self) -> Sequence[MovementFact]:
        """What it brought."""
        ...


@dataclass(slots=True, kw_only=True)
class Cell:
    """What is known of a channel's publications in one campaign; None stands for an idle channel.

    One that is not `compared` adds nothing, since the channel's books do not cover the time before.
    """

    channel_id: int
    campaign: str | None
    platform: str
    compared: bool = True
    published: bool = False
    given: set[str] = field(default_factory=set)
    read: bool = False
    movements: list[MovementFact] = field(default_factory=list)

    def part(
        self, metrics: Sequence[MetricDefinition], column: str = "increment", *, version: str = ""
    ) -> Part:
        """What the cell adds to a figure over these metrics (of one version), or why it adds nothing."""
        given = self.given if self.compared else ()
        known = [metric.name for metric in metrics if metric.name in given]
        if not known:
            return Part(self.channel_id, None, self._reason(metrics))
        counted = [
            getattr(fact, column)
            for fact in self.movements
            if fact.metric in known and version in ("", fact.definition)
        ]
        return Part(self.channel_id, sum(counted), None, len(known) == len(metrics))

    def note(self, reading: ReadingFact, asked: set[str]) -> None:
        """Take in what some of the cell's publications were read with, of what was asked."""
        self.read = True
        self.given |= asked - reading.missing

    def _reason(self, metrics: Sequence[MetricDefinition]) -> Reason:
        if not metrics:
            return Reason.NO_DEFINITION
        if not self.compared:
            return Reason.BASE_INCOMPLETE
        if self.read:
            return Reason.NOT_GIVEN
        return Reason.NOT_READ if self.published else Reason.NOTHING_TO_READ


def cells_of(
    matrix: Matrix, catalogue: Catalogue, facts: Read, *, compared: Container[int] | None = None
) -> list[Cell]:
    """The cells of a stretch; every channel has at least one. `compared` as in Facts."""
    cells: dict[tuple[int, str | None], Cell] = {}
    asked = {
        platform: {metric.name for metric in definitions(catalogue, platform, "publication")}
        for platform in matrix.platforms
    }

    def cell_of(fact: Placed) -> Cell:
        key = (fact.channel_id, fact.campaign)
        if key not in cells:
            cells[key] = Cell(
                channel_id=fact.channel_id,
                campaign=fact.campaign,
                platform=matrix.channels[fact.channel_id].platform,
                compared=compared is None or fact.channel_id in compared,
            )
        return cells[key]

    for publication in matrix.own(facts.publications):
        cell_of(publication).published = True
    for reading in matrix.own(facts.readings):
        cell = cell_of(reading)
        cell.note(reading, asked[cell.platform])
    for movement in matrix.own(facts.movements):
        cell_of(movement).movements.append(movement)
    for channel_id in matrix.channels.keys() - {channel_id for channel_id, _ in cells}:
        cell_of(Presence(channel_id))
    return list(cells.values())
