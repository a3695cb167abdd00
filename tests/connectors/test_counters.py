"""The catalogue of counters holds together, and connectors read only what it describes."""

from collections.abc import Iterator
from datetime import date

import pytest

from connectors.capabilities import Counters, Family, MetricDefinition
from connectors.counters.listing import counters
from connectors.registry import connectors
from scheduler.core.catalogue import Change, breaks

CATALOGUE = counters()
PLATFORMS = sorted(CATALOGUE)


def named(platform: str, name: str, subject: str = "publication") -> MetricDefinition:
    return next(one for one in CATALOGUE[platform].metrics if (one.subject, one.name) == (subject, name))


def references(counted: Counters) -> Iterator[tuple[MetricDefinition, str]]:
    for metric in counted.metrics:
        yield from ((metric, name) for name in (*metric.instead, *filter(None, [metric.overlaps])))


@pytest.mark.parametrize("platform", sorted(connectors()))
def test_a_connector_reads_what_the_catalogue_describes_and_nothing_that_is_gone(platform: str) -> None:
    sheet = connectors()[platform].capabilities
    described = CATALOGUE[platform]
    assert set(sheet.metrics) <= set(described.metrics)
    assert [one.name for one in sheet.metrics if one.closed_on and one.closed_on <= sheet.reviewed_on] == []
    assert (sheet.title, sheet.price) == (described.title, described.price)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_counter_has_one_entry_and_a_source(platform: str) -> None:
    counted = CATALOGUE[platform]
    names = [(metric.subject, metric.name) for metric in counted.metrics]
    assert counted.platform == platform
    assert len(set(names)) == len(names)
    assert all(metric.sources for metric in counted.metrics)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_stands_in_for_another_exists_and_counts_the_same_subject(platform: str) -> None:
    for metric, name in references(CATALOGUE[platform]):
        other = named(platform, name, metric.subject)
        assert other.closed_on is None, f"{metric.name} refers to {name}, which is closed"
        assert not other.overlaps or metric.overlaps, f"{name} is itself held in {other.overlaps}"


@pytest.mark.parametrize("platform", PLATFORMS)
def test_meanings_follow_each_other_up_to_the_one_in_force(platform: str) -> None:
    for metric in CATALOGUE[platform].metrics:
        ends = [meaning.until for meaning in metric.earlier]
        versions = [meaning.version for meaning in metric.earlier] + [metric.version]
        assert ends == sorted(set(ends))
        assert len(set(versions)) == len(versions)
        assert not ends or ends[-1] == metric.since


@pytest.mark.parametrize("platform", PLATFORMS)
def test_followers_are_one_level(platform: str) -> None:
    levels = [one for one in CATALOGUE[platform].metrics if one.family is Family.AUDIENCE]
    assert all(one.level and one.subject == "channel" for one in levels)
    assert len([one for one in levels if one.closed_on is None]) <= 1


def test_a_name_that_the_catalogue_has_not_is_refused() -> None:
    with pytest.raises(KeyError):
        CATALOGUE["bluesky"].read(publication=("views",))


@pytest.mark.parametrize(
    ("platform", "name", "on", "change"),
    [
        ("youtube", "viewCount", date(2026, 8, 27), Change.REDEFINED),
        ("facebook", "post_impressions", date(2025, 11, 15), Change.REPLACED),
        ("facebook", "post_impressions_unique", date(2026, 6, 15), Change.REPLACED),
        ("instagram", "impressions", date(2024, 7, 2), Change.REPLACED),
    ],
)
def test_the_breaks_everybody_asks_about_are_there(
    platform: str, name: str, on: date, change: Change
) -> None:
    found = [(one.on, one.change) for one in breaks([named(platform, name)])]
    assert (on, change) in found
    if change is Change.REPLACED:
        assert named(platform, name).closed_on == on


def test_only_x_is_billed() -> None:
    assert [name for name, counted in CATALOGUE.items() if counted.price] == ["x"]
