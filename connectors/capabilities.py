"""What a platform can do, as dated data with sources: the connector's half of every decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

IGNORES_KEY = "ignores_idempotency_key"


class Support(StrEnum):
    """How far a feature works here; UNKNOWN is never treated as supported."""

    UNKNOWN = "unknown"
    UNSUPPORTED = "unsupported"
    NOT_IMPLEMENTED = "not_implemented"
    PARTIAL = "partial"
    FULL = "full"


class Idempotency(StrEnum):
    """What protects a repeated publish: a client key, a staged object, only a listing, or nothing."""

    KEY = "K"
    CONTAINER = "C"
    LISTING = "L"
    NOTHING = "N"


class TextUnit(StrEnum):
    """What a platform counts when it counts a text."""

    GRAPHEMES = "graphemes"
    CODE_POINTS = "code_points"
    UTF16_UNITS = "utf16_units"
    UTF8_BYTES = "utf8_bytes"


class Family(StrEnum):
    """What kind of quantity a metric is: decides what may be added to what.

    REACH counts different people; ENGAGEMENT is a platform's own total over several kinds of response, or a
    kind that no other platform has; RATE is a ratio or a mean; DURATION is time spent.
    """

    EXPOSURE = "exposure"
    REACH = "reach"
    REACTION = "reaction"
    COMMENT = "comment"
    SHARE = "share"
    SAVE = "save"
    CLICK = "click"
    ENGAGEMENT = "engagement"
    AUDIENCE = "audience"
    RATE = "rate"
    DURATION = "duration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a fact comes from and when it was read; `checked` is how (see docs/connectors)."""

    title: str
    read_on: date
    checked: Literal["run", "spec", "code", "unchecked"]


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature's support, with the limits of it in a sentence."""

    support: Support
    note: str = ""


FULL, NONE = Feature(Support.FULL), Feature(Support.UNSUPPORTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLimit:
    """At most `limit` `unit`s in `field`; `key` names the account limit that overrides it, if any."""

    field: Literal["text", "caption", "title", "alt"]
    unit: TextUnit
    limit: int
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRule:
    """Images one post may carry; sizes in bytes."""

    max_count: int
    max_bytes: int
    mime_types: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a counter stood for under an earlier version; `until` is the first day it did no more."""

    version: str
    until: date
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricDefinition:
    """One native counter: its meaning, how it may be added, and since when this meaning holds.

    `window_s` is how long after publication it can be read, None without end; `lag_s` when it is final.
    `overlaps` names the counter that holds it already: such a one is shown and never added. `periods` are
    the platform's own, `lifetime` being a running total. `floor` says below what nothing is given. From
    `closed_on` on the platform gives it no more, and the counters of `instead` are the nearest to it.
    `splits` name what the platform itself breaks it down by, such as `country`.
    """

    name: str
    family: Family
    subject: Literal["publication", "channel"]
    level: bool = False
    day_zone: str = "UTC"
    lag_s: int = 0
    window_s: int | None = None
    version: str = "1"
    since: date | None = None
    note: str = ""
    overlaps: str = ""
    periods: tuple[str, ...] = ("lifetime",)
    origin: Literal["all", "organic", "paid"] = "all"
    exactness: Literal["exact", "estimate", "fuzzed"] = "exact"
    floor: str = ""
    earlier: tuple[Meaning, ...] = ()
    closed_on: date | None = None
    instead: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one look costs in millionths of `currency`; looking again on the same UTC day is free."""

    publication_micros: int
    audience_micros: int
    currency: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """All that a platform counts: also what it counts no more, and what no connector reads yet."""

    platform: str
    title: str
    metrics: tuple[MetricDefinition, ...]
    remarks: tuple[str, ...] = ()
    price: Price | None = None

    def read(
        self, *, publication: tuple[str, ...] = (), channel: tuple[str, ...] = ()
    ) -> tuple[MetricDefinition, ...]:
        """The definitions of these names, in this order; KeyError for a name the catalogue has not."""
        known = {(metric.subject, metric.name): metric for metric in self.metrics}
        posts = [known["publication", name] for name in publication]
        return (*posts, *(known["channel", name] for name in channel))


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """At most `limit` `unit`s in any `window_s` seconds, counted per `scope`.

    Publishing a post takes `per_post` of them and `per_image` more for each image; neither: publishing
    takes none.
    """

    name: str
    limit: int
    window_s: int
    scope: Literal["channel", "application", "address"]
    unit: str = "requests"
    per_post: int = 0
    per_image: int = 0

    def cost(self, *, posts: int, images: int) -> int:
        """What so many posts with so many images in all take of it."""
        return self.per_post * posts + self.per_image * images


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """The whole sheet of one platform. `features` uses the names in FEATURES; a missing one is UNKNOWN.

    `staged_lasts_s` is how long the platform surely keeps what was staged and not used: None for ever, 0
    where nothing is staged. `price` is what reading counters costs, None where it is free;
    `metrics_per_request` is how many publications one request tells of.
    """

    platform: str
    title: str
    api_version: str
    reviewed_on: date
    sources: tuple[Source, ...]
    idempotency: Idempotency
    idempotency_window_s: int | None
    find_existing: Literal["exact", "by_text", "none"]
    visibility_delay_s: int
    text_limits: tuple[TextLimit, ...]
    media: MediaRule
    features: Mapping[str, Feature]
    metrics: tuple[MetricDefinition, ...]
    metrics_batch: int
    quotas: tuple[Quota, ...]
    secret_fields: tuple[str, ...]
    same_text: Literal["allow", "warn", "block"]
    quirks: tuple[str, ...] = field(default=())
    staged_lasts_s: int | None = None
    metrics_per_request: int = 1
    price: Price | None = None

    def supports(self, feature: str) -> bool:
        """True only where the feature is FULL or PARTIAL."""
        known = self.features.get(feature)
        return known is not None and known.support in (Support.FULL, Support.PARTIAL)

    def counted(self, subject: Literal["publication", "channel"]) -> tuple[MetricDefinition, ...]:
        """What is read of publications, or of the channel itself."""
        return tuple(metric for metric in self.metrics if metric.subject == subject)

    def protection(self, limits: Mapping[str, int]) -> Idempotency:
        """The class that holds for one account: a key its server is known to ignore protects nothing."""
        if self.idempotency is Idempotency.KEY and limits.get(IGNORES_KEY):
            return Idempotency.LISTING
        return self.idempotency


FEATURES = (
    "text",
    "link",
    "link_card",
    "images",
    "alt_text",
    "language",
    "mentions",
    "hashtags",
    "edit",
    "delete",
    "find_existing",
    "read_back",
    "publication_metrics",
    "audience_metrics",
    "ai_label",
    "paid_label",
)
