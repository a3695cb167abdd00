"""A report as frozen values, in no language: what every rendering shows and nothing else.

A figure is a number or a reason; rendering never asks the database again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from scheduler.core.countries import SplitMeasure
from scheduler.core.figures import Figure, Reason
from scheduler.core.hours import Hours
from scheduler.core.notes import Note
from scheduler.core.periods import Kind
from scheduler.core.progress import Progress
from scheduler.core.reasons import Why
from scheduler.core.side_by_side import LanguageShare, PostSides

FORMAT = "postroad-report/2"


class Closing(StrEnum):
    """How settled the figures are: of a running period, first ones, or closed after the slowest lag."""

    PREVIEW = "preview"
    FLASH = "flash"
    FINAL = "final"


class Section(StrEnum):
    """The tables of figures, in reading order."""

    OUTPUT = "output"
    EXPOSURE = "exposure"
    REACH = "reach"
    RESPONSES = "responses"
    AUDIENCE = "audience"
    COVERAGE = "coverage"


class Dimension(StrEnum):
    """By what a table is split. The key of TOTAL is empty; names in the others are joined by `/`.

    REGION is where a channel is aimed at, COUNTRY where its followers are.
    """

    TOTAL = "total"
    PLATFORM = "platform"
    LANGUAGE = "language"
    REGION = "region"
    CAMPAIGN = "campaign"
    CHANNEL = "channel"
    MATRIX = "platform_language"
    PLACE = "platform_language_region"
    COUNTRY = "country"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A figure, and where it has something to compare with, the same then and the difference.

    `before` is the period before, `year_before` the same week or month of the year before.
    """

    now: Figure
    before: Figure | None = None
    change: Figure | None = None
    year_before: Figure | None = None
    year_change: Figure | None = None

    @property
    def told(self) -> tuple[Figure, ...]:
        """Those of the five that there are."""
        every = (self.now, self.before, self.change, self.year_before, self.year_change)
        return tuple(one for one in every if one)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The measures of one slice of the matrix, by their names."""

    dimension: Dimension
    key: str
    measures: Mapping[str, Measured]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedPeriod:
    """Whole days in the organisation's zone; `ends_at` is the first instant after them."""

    kind: Kind
    name: str
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


@dataclass(frozen=True, slots=True)
class Picture:
    """An image by the SHA-256 of its bytes, and its alternative text in the post's language."""

    sha256: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostResult:
    """A post that went out in the period: its text where it did best, and its figures over all channels.

    `why` is what the channel where it did best says of it, None in reports of before 2026-11-22. Of the looks
    that its age asked for on all channels, `looks_missed` of `looks_due` are missing.
    """

    ref: str
    campaign: str
    channel: str
    language: str
    text: str
    url: str
    publications: int
    measures: Mapping[str, Measured]
    why: Why | None = None
    looks_due: int = 0
    looks_missed: int = 0
    picture: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadChannel:
    """A channel whose followers were not read in the period; `read_at` is the last time they were."""

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
    """Of a platform's publications of the period, the one read longest ago was last read then."""

    platform: str
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortBooks:
    """An earlier period that the books of these of the `of` channels do not cover: compared without them.

    `begun` is the day on which the first books of all begin.
    """

    period: str
    channels: tuple[str, ...]
    of: int
    begun: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryGap:
    """Why it is not known from which countries a platform's audience comes, or that of these `channels`."""

    platform: str
    reason: Reason
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCountries:
    """The followers of a channel by country as they stood on a day, the largest first; part of no table.

    `amounts` is by the codes of scheduler.core.countries, in numbers or hundredths of a percent. `source` is
    where `by` has it from, a member; `corrected` where another split of the day was entered before.
    """

    channel: str
    title: str
    platform: str
    as_of: date
    measure: SplitMeasure
    amounts: Mapping[str, int]
    source: str
    by: str
    entered_at: datetime
    corrected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowersByCountry:
    """What the splits of the matrix in numbers come to: a row for each country, over the splits that name it.

    So many `channels` of the `of` have one; `level` of the `follower_total` is theirs.
    """

    rows: tuple[Row, ...]
    channels: int
    of: int
    level: int
    follower_total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """A platform whose figures of the period may still move; from `until` on they are final."""

    platform: str
    until: datetime


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
class Restatement:
    """A figure of an earlier report that is another one now; that report itself stays as it is."""

    period: str
    section: Section
    dimension: Dimension
    key: str
    measure: str
    old: Figure
    new: Figure
    noticed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualFigure:
    """A figure that a member entered for whole days that end in the period; it is part of no other figure.

    `source` is the document or person it comes from, `by` the member; `corrects` the value before it.
    """

    channel: str
    title: str
    language: str
    region: str
    metric: str
    version: str
    value: int
    first_day: date
    last_day: date
    post: str
    source: str
    by: str
    entered_at: datetime
    corrects: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachDataset:
    """Everything a report says. `platforms` maps each platform's key to its own name.

    `scope` is a campaign's name, empty for the whole matrix. `previous` and `year_before` are the periods it
    is compared with, empty for none. `restatements` were noticed since the report before this one.
    `countries` are the channels without any of the `splits`.
    `languages` compares those of posts that went out in several; `in_languages` are those that brought most.
    """

    format: str
    organisation: str
    scope: str
    period: ReportedPeriod
    previous: str
    year_before: str
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
    restatements: tuple[Restatement, ...] = ()
    goals: tuple[Progress, ...] = ()
    notes: tuple[Note, ...] = ()
    manual: tuple[ManualFigure, ...] = ()
    hours: tuple[Hours, ...] = ()
    languages: tuple[LanguageShare, ...] = ()
    in_languages: tuple[PostSides, ...] = ()
    unsettled: tuple[Unsettled, ...] = ()
    countries: tuple[CountryGap, ...] = ()
    splits: tuple[ChannelCountries, ...] = ()
    by_country: FollowersByCountry | None = None
    short: tuple[ShortBooks, ...] = ()

    def rows(self, section: Section, dimension: Dimension) -> tuple[Row, ...]:
        """The rows of one table and split."""
        return tuple(row for row in self.tables.get(section, ()) if row.dimension == dimension)

    def total(self, section: Section) -> Mapping[str, Measured]:
        """The measures over the whole matrix."""
        return self.rows(section, Dimension.TOTAL)[0].measures
