"""What the books say about a stretch of time before it is put together: rows between store and report.

A missing row is no fact. Instants are aware UTC; `campaign` is empty for posts outside any. Those of which a
large centre has very many are named tuples, which take a third of the time to make.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFact:
    """A channel of the matrix; its books begin at `begun_at`."""

    id: int
    name: str
    title: str
    platform: str
    language: str
    region: str
    begun_at: datetime


class DeliveryFact(NamedTuple):
    """A delivery that was due in the time, and where it stands now."""

    channel_id: int
    post_id: int
    campaign: str
    state: str


class PublicationFact(NamedTuple):
    """A publication that went live in the time, and the last time its counters were read in it."""

    channel_id: int
    post_id: int
    campaign: str
    published_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallFact:
    """How many publications of a channel and campaign were recalled in the time."""

    channel_id: int
    campaign: str
    count: int


class MovementFact(NamedTuple):
    """What a metric brought in the time, by channel and campaign.

    `carried` is the part of `increment` that came with a publication's first reading for over a day before
    the week, month or year began, so that some of it may be older than that.
    """

    channel_id: int
    campaign: str
    metric: str
    definition: str
    increment: int
    correction: int
    baselines: int
    carried: int


class ReadingFact(NamedTuple):
    """How often publications were read in the time with just these metrics missing."""

    channel_id: int
    campaign: str
    missing: frozenset[str]
    looks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureFact:
    """How many readings of a channel failed for one reason, and whether they were of its followers."""

    channel_id: int
    reason: str
    of_audience: bool
    count: int


class LevelFact(NamedTuple):
    """A channel's follower level at both ends of the time, None where none was known.

    `organic` is the movement that readings of one definition showed; `read_at` the last successful look
    before the end; `gone_before` and `gone` that the account was not there at the start and at the end.
    """

    channel_id: int
    start: int | None
    end: int | None
    organic: int
    read_at: datetime | None
    gone_before: bool
    gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachFact:
    """How many people a channel reached in the platform's own count of such a time, last known at its end."""

    channel_id: int
    metric: str
    value: int | None
    read_at: datetime | None


class PostFact(NamedTuple):
    """What a metric brought in the time to the publications of a post that went live in the time."""

    post_id: int
    channel_id: int
    metric: str
    increment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFact:
    """What a post said on a channel; `image` is the SHA-256 of its first image, empty for none."""

    post_id: int
    channel_id: int
    ref: str
    language: str
    text: str
    url: str
    image: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a report needs to know about one stretch of time; only channels come in an order.

    `compared` are the ids of the channels of which it is held against another time, None for all.
    """

    starts_at: datetime
    ends_at: datetime
    channels: tuple[ChannelFact, ...]
    deliveries: tuple[DeliveryFact, ...]
    publications: tuple[PublicationFact, ...]
    recalls: tuple[RecallFact, ...]
    movements: tuple[MovementFact, ...]
    readings: tuple[ReadingFact, ...]
    failures: tuple[FailureFact, ...]
    levels: tuple[LevelFact, ...]
    posts: tuple[PostFact, ...]
    reach: tuple[ReachFact, ...] = ()
    compared: frozenset[int] | None = None
