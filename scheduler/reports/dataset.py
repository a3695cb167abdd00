"""The weekly report as frozen values, in no language: what every rendering shows and nothing else.

A figure is a number or a reason; rendering never asks the database again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from scheduler.core.figures import Figure, Reason

FORMAT = "postroad-weekly/1"


class Closing(StrEnum):
    """How settled the figures are: of a running week, first ones, or closed after the slowest lag."""

    PREVIEW = "preview"
    FLASH = "flash"
    FINAL = "final"


class Section(StrEnum):
    """The tables of figures, in reading order."""

    OUTPUT = "output"
    EXPOSURE = "exposure"
    RESPONSES = "responses"
    AUDIENCE = "audience"
    COVERAGE = "coverage"


class Dimension(StrEnum):
    """By what a table is split. The key of MATRIX is `platform/language`; that of TOTAL is empty."""

    TOTAL = "total"
    PLATFORM = "platform"
    LANGUAGE = "language"
    REGION = "region"
    CAMPAIGN = "campaign"
    CHANNEL = "channel"
    MATRIX = "platform_language"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A figure of the week, and where they compare, the same a week earlier and the difference."""

    now: Figure
    before: Figure | None = None
    change: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The measures of one slice of the matrix, by their names."""

    dimension: Dimension
    key: str
    measures: Mapping[str, Measured]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """An ISO week in the organisation's zone; `ends_at` is the first instant after it."""

    week: str
    first_day: date
    last_day: date
    time_zone: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelName:
    """A channel of the matrix and where it belongs."""

    name: str
    title: str
    platform: str
    language: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostResult:
    """A post that went out in the week: its text where it did best, and its figures over all channels."""

    ref: str
    campaign: str
    channel: str
    language: str
    text: str
    url: str
    publications: int
    measures: Mapping[str, Measured]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadChannel:
    """A channel whose followers were not read in the week; `read_at` is the last time they were."""

    channel: str
    platform: str
    reason: Reason
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedReadings:
    """How many readings of a channel failed for one reason."""

    channel: str
    platform: str
    reason: str
    of_audience: bool
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OldestReading:
    """Of a platform's publications of the week, the one read longest ago was last read then."""

    platform: str
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNote:
    """Where a platform's definitions come from, when they were read and how they were checked."""

    title: str
    read_on: date
    checked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A definition that was used: what the platform calls it and how it may be put together."""

    platform: str
    metric: str
    family: str
    subject: str
    level: bool
    day_zone: str
    lag_s: int
    version: str
    since: date | None
    note: str
    additions: Mapping[str, str]
    sources: tuple[SourceNote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyDataset:
    """Everything a weekly report says. `platforms` maps each platform's key to its own name."""

    format: str
    organisation: str
    scope: str
    period: Period
    previous_week: str
    closing: Closing
    cut_off_at: datetime
    built_at: datetime
    platforms: Mapping[str, str]
    channels: tuple[ChannelName, ...]
    tables: Mapping[Section, tuple[Row, ...]]
    best: tuple[PostResult, ...]
    weakest: tuple[PostResult, ...]
    unread: tuple[UnreadChannel, ...]
    failures: tuple[FailedReadings, ...]
    oldest_readings: tuple[OldestReading, ...]
    methods: tuple[Method, ...]

    def rows(self, section: Section, dimension: Dimension) -> tuple[Row, ...]:
        """The rows of one table and split."""
        return tuple(row for row in self.tables[section] if row.dimension == dimension)

    def total(self, section: Section) -> Mapping[str, Measured]:
        """The measures over the whole matrix."""
        return self.rows(section, Dimension.TOTAL)[0].measures
