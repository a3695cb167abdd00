"""The figures a weekly report must show for what was done."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import TypeAlias

Key: TypeAlias = tuple[str, str, str, str]  # section, dimension, key, measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel in the matrix."""

    channel: str
    platform: str
    language: str
    region: str
    zone: str

    def row(self, base_url: str, handle: str) -> dict[str, str]:
        """As a row of a table of channels."""
        return {
            "channel": self.channel,
            "platform": self.platform,
            "base_url": base_url,
            "handle": handle,
            "language": self.language,
            "region": self.region,
            "time_zone": self.zone,
            "operator": "Wang Lin",
        }

    @property
    def slices(self) -> dict[str, str]:
        """The key it has in each dimension of a report."""
        return {
            "total": "",
            "platform": self.platform,
            "language": self.language,
            "region": self.region,
            "channel": self.channel,
            "platform_language": f"{self.platform}/{self.language}",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back for one post on one channel: reactions, comments and shares where they exist."""

    post: str
    campaign: str
    place: Place
    counts: Mapping[str, int]

    @property
    def measures(self) -> dict[str, int]:
        """By the names a report gives them; those that the platform has no notion of are left out."""
        return {"responses": sum(self.counts.values()), **self.counts}


def figures_of(responses: Iterable[Response]) -> dict[Key, int]:
    """Output and responses by every slice; counts of 0 included, for 0 is not absent."""
    figures: Counter[Key] = Counter()
    for one in responses:
        slices = [*one.place.slices.items(), ("campaign", one.campaign)]
        for dimension, key in slices:
            for measure in ("deliveries", "publications"):
                figures["output", dimension, key, measure] += 1
            for measure, count in one.measures.items():
                figures["responses", dimension, key, measure] += count
    return dict(figures)


def best_figures(responses: Iterable[Response]) -> dict[Key, int]:
    """Responses to the posts that a report shows as the best: the upper half of them."""
    by_post: dict[str, Counter[str]] = {}
    for one in responses:
        by_post.setdefault(one.post, Counter()).update(one.measures)
    ordered = sorted(by_post, key=lambda post: -by_post[post]["responses"])
    shown = ordered[: ceil(len(ordered) / 2)]
    return {
        ("best", "post", post, measure): count for post in shown for measure, count in by_post[post].items()
    }


def follower_figures(followers: Mapping[Place, int]) -> dict[Key, int]:
    """Follower totals by every slice."""
    figures: Counter[Key] = Counter()
    for place, count in followers.items():
        for dimension, key in place.slices.items():
            figures["audience", dimension, key, "followers"] += count
    return dict(figures)
