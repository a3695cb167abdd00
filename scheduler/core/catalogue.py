"""The metrics of each platform, from the capability sheets, by subject and family."""

from collections.abc import Mapping
from typing import Literal

from connectors.capabilities import Capabilities, Family, MetricDefinition
from scheduler.core.metrics import COMMON_SET

Catalogue = Mapping[str, Capabilities]


def definitions(
    catalogue: Catalogue, platform: str, subject: Literal["publication", "channel"]
) -> tuple[MetricDefinition, ...]:
    """What a platform counts of a subject; nothing for a platform without a connector."""
    sheet = catalogue.get(platform)
    return tuple(metric for metric in sheet.metrics if metric.subject == subject) if sheet else ()


def of_family(catalogue: Catalogue, platform: str, family: Family) -> tuple[MetricDefinition, ...]:
    """A platform's publication metrics of one family."""
    return tuple(
        metric for metric in definitions(catalogue, platform, "publication") if metric.family is family
    )


def common_metrics(catalogue: Catalogue, platform: str) -> tuple[MetricDefinition, ...]:
    """A platform's reactions, comments and shares: the set that means the same everywhere."""
    return tuple(
        metric for metric in definitions(catalogue, platform, "publication") if metric.family in COMMON_SET
    )


def follower_metric(catalogue: Catalogue, platform: str) -> MetricDefinition | None:
    """The level that stands for a channel's followers: the first audience level of the sheet."""
    levels = (metric for metric in definitions(catalogue, platform, "channel") if metric.level)
    return next((metric for metric in levels if metric.family is Family.AUDIENCE), None)


def title_of(catalogue: Catalogue, platform: str) -> str:
    """A platform's own name, or its key when no connector is installed."""
    return catalogue[platform].title if platform in catalogue else platform
