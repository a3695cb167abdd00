"""The definitions a report used, so that each figure says what it counts and how it was put together."""

from connectors.capabilities import Capabilities, Family, MetricDefinition
from scheduler.core.catalogue import Catalogue, common_metrics, follower_metric, of_family
from scheduler.core.metrics import Axis, addition
from scheduler.reports.dataset import Method, SourceNote
from scheduler.reports.figures.slicing import Matrix


def methods_of(matrix: Matrix, catalogue: Catalogue) -> tuple[Method, ...]:
    """Every definition behind the figures, platform by platform."""
    platforms = sorted(matrix.platforms & catalogue.keys())
    return tuple(
        _method(catalogue[platform], metric)
        for platform in platforms
        for metric in _used(catalogue, platform)
    )


def used_metrics(catalogue: Catalogue) -> set[str]:
    """The publication metrics that a report adds up on any platform."""
    return {
        metric.name for platform in catalogue for metric in _used(catalogue, platform) if not metric.level
    }


def _used(catalogue: Catalogue, platform: str) -> list[MetricDefinition]:
    exposure = of_family(catalogue, platform, Family.EXPOSURE)
    followers = follower_metric(catalogue, platform)
    used = [*exposure, *common_metrics(catalogue, platform)]
    return [*used, followers] if followers else used


def _method(sheet: Capabilities, metric: MetricDefinition) -> Method:
    return Method(
        platform=sheet.platform,
        metric=metric.name,
        family=metric.family,
        subject=metric.subject,
        level=metric.level,
        day_zone=metric.day_zone,
        lag_s=metric.lag_s,
        version=metric.version,
        since=metric.since,
        note=metric.note,
        additions={axis: addition(metric, axis) for axis in Axis},
        sources=tuple(
            SourceNote(title=source.title, read_on=source.read_on, checked=source.checked)
            for source in sheet.sources
        ),
    )
