"""The matrix of a report as a table: languages and regions down, platforms across."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from scheduler.reports.dataset import Dimension, ReachDataset, Row, Section

PLACES_ON_PAPER, PLATFORMS_ON_PAPER = 26, 8
"""So many fit on a sheet of A4."""


@dataclass(frozen=True, slots=True)
class Grid:
    """(language, region) down, platforms across; `largest` are the most responses of a cell."""

    platforms: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    rows: Mapping[str, Row]
    largest: int

    @property
    def left_out(self) -> int:
        """How many cells of the matrix are not in the table."""
        shown = (self.row(platform, *place) for platform in self.platforms for place in self.places)
        return len(self.rows) - sum(row is not None for row in shown)

    def row(self, platform: str, language: str, region: str) -> Row | None:
        """The cell, or None where there is no channel."""
        return self.rows.get(f"{platform}/{language}/{region}")


def grid_of(data: ReachDataset, *, paper: bool) -> Grid:
    """The whole matrix; on paper as much of it as a page holds, what drew most, in the usual order."""
    rows = {row.key: row for row in data.rows(Section.RESPONSES, Dimension.PLACE)}
    values = {key: row.measures["responses"].now.value or 0 for key, row in rows.items()}
    drawn: Counter[tuple[str, ...]] = Counter()
    for key, value in values.items():
        platform, language, region = key.split("/", 2)
        drawn[platform,] += value
        drawn[language, region] += value
    places = {(channel.language, channel.region) for channel in data.channels}
    most_places, most_platforms = (PLACES_ON_PAPER, PLATFORMS_ON_PAPER) if paper else (None, None)
    chosen = sorted(places, key=lambda place: (-drawn[place], place))[:most_places]
    platforms = sorted({channel.platform for channel in data.channels})
    across = sorted(platforms, key=lambda platform: -drawn[platform,])[:most_platforms]
    return Grid(
        platforms=tuple(platform for platform in platforms if platform in across),
        places=tuple(sorted(chosen)),
        rows=rows,
        largest=max(values.values(), default=0),
    )
