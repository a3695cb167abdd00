"""The metrics of each platform, from the capability sheets, by subject and family, and when they changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from connectors.capabilities import Capabilities, Family, MetricDefinition
from connectors.counters.manual import COUNTERS as MANUAL
from scheduler.core.metrics import COMMON_SET
from scheduler.core.time import zone

Catalogue = Mapping[str, Capabilities]


class Change(StrEnum):
    """What happened to a metric on a day."""

    BEGAN = "began"
    REDEFINED = "redefined"
    REPLACED = "replaced"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """From day `on`, of the platform's own zone, what the metric tells does not compare with before."""

    metric: MetricDefinition
    on: date
    change: Change


def definitions(
    catalogue: Catalogue, platform: str, subject: Literal["publication", "channel"]
) -> tuple[MetricDefinition, ...]:
    """What a platform counts of a subject; nothing for a platform without a connector."""
    sheet = catalogue.get(platform)
    return sheet.counted(subject) if sheet else ()


def of_family(catalogue: Catalogue, platform: str, family: Family) -> tuple[MetricDefinition, ...]:
    """A platform's publication metrics of one family that may stand for it: none is held in another."""
    return tuple(metric for metric in _own(catalogue, platform) if metric.family is family)


def common_metrics(catalogue: Catalogue, platform: str) -> tuple[MetricDefinition, ...]:
    """A platform's reactions, comments and shares: the set that means the same everywhere."""
    return tuple(metric for metric in _own(catalogue, platform) if metric.family in COMMON_SET)


def follower_metric(catalogue: Catalogue, platform: str) -> MetricDefinition | None:
    """The level that stands for a channel's followers: the first audience level of the sheet."""
    levels = (metric for metric in definitions(catalogue, platform, "channel") if metric.level)
    return next((metric for metric in levels if metric.family is Family.AUDIENCE), None)


def follower_metrics(catalogue: Catalogue) -> dict[str, str]:
    """The name of each platform's follower level, for those that have one."""
    found = {platform: follower_metric(catalogue, platform) for platform in catalogue}
    return {platform: metric.name for platform, metric in found.items() if metric}


def people_metric(catalogue: Catalogue, platform: str, native: str) -> MetricDefinition | None:
    """A platform's own count of the different people whom a channel reached in such a time, if it has one."""
    counts = (metric for metric in definitions(catalogue, platform, "channel") if native in metric.periods)
    return next((metric for metric in counts if metric.family is Family.REACH), None)


def has_split(catalogue: Catalogue, platform: str, split: str) -> bool:
    """Whether a platform breaks some figure of an audience down by this itself, as by `country`."""
    sheet = catalogue.get(platform)
    return any(split in metric.splits for metric in sheet.metrics) if sheet else False


def title_of(catalogue: Catalogue, platform: str) -> str:
    """A platform's own name, or its key when no connector is installed."""
    sheet = catalogue.get(platform) or (MANUAL if platform == MANUAL.platform else None)
    return sheet.title if sheet else platform


def titles(catalogue: Catalogue) -> dict[str, str]:
    """The name of each platform by its key."""
    return {platform: title_of(catalogue, platform) for platform in catalogue}


def in_force(definition: MetricDefinition, at: datetime) -> MetricDefinition | None:
    """The definition as it held at `at`, by the platform's own days; None once it is closed."""
    day = at.astimezone(zone(definition.day_zone)).date()
    if definition.closed_on and day >= definition.closed_on:
        return None
    past = next((meaning for meaning in definition.earlier if day < meaning.until), None)
    return replace(definition, version=past.version, note=past.note) if past else definition


def definitions_at(
    catalogue: Catalogue, platform: str, subject: Literal["publication", "channel"], at: datetime
) -> tuple[MetricDefinition, ...]:
    """What a platform counts of a subject at `at`, each as its definition held then."""
    held = (in_force(metric, at) for metric in definitions(catalogue, platform, subject))
    return tuple(metric for metric in held if metric)


def breaks(metrics: Iterable[MetricDefinition]) -> list[Break]:
    """Every break of these metrics, the oldest first."""
    found = [one for metric in metrics for one in _breaks(metric)]
    return sorted(found, key=lambda one: (one.on, one.metric.subject, one.metric.name))


def comparable(metrics: Iterable[MetricDefinition], *, first: date, last: date) -> bool:
    """True when no break falls between two periods, the earlier from `first` on, the later until `last`.

    A break on the first day of the earlier period is behind both.
    """
    return not any(first < one.on <= last for one in breaks(metrics))


def _own(catalogue: Catalogue, platform: str) -> list[MetricDefinition]:
    return [one for one in definitions(catalogue, platform, "publication") if not one.overlaps]


def _breaks(metric: MetricDefinition) -> list[Break]:
    days = {meaning.until: Change.REDEFINED for meaning in metric.earlier}
    if metric.since:
        days.setdefault(metric.since, Change.BEGAN)
    if metric.closed_on:
        days[metric.closed_on] = Change.REPLACED if metric.instead else Change.REMOVED
    return [Break(metric=metric, on=on, change=change) for on, change in days.items()]
