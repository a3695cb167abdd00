"""How much of it was looked at: readings made, failed and late, so that a gap is not taken for silence."""

from collections.abc import Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scheduler.core.catalogue import Catalogue, common_metrics
from scheduler.core.facts import Facts
from scheduler.core.figures import exactly
from scheduler.core.periods import Period
from scheduler.reports.dataset import Dimension, FailedReadings, Measured, OldestReading, Row, ShortBooks
from scheduler.reports.figures.slicing import Matrix, rows_of

MEASURES = ("countable", "read", "failed", "audience_failed", "carried", "baselines")
KEPT = (Dimension.TOTAL, Dimension.PLATFORM)


class Count(NamedTuple):
    """A count of one of MEASURES that belongs to a channel."""

    channel_id: int
    measure: str
    amount: int = 1
    campaign: str | None = None


def coverage_rows(matrix: Matrix, catalogue: Catalogue, facts: Facts) -> tuple[Row, ...]:
    """By platform: publications of the week that can be counted, those read, failures and late readings."""
    matrix = matrix.along(*KEPT)
    slices = matrix.cut(_counts(matrix, catalogue, facts))

    def measure(place: tuple[Dimension, str]) -> dict[str, Measured]:
        counts = dict.fromkeys(MEASURES, 0)
        for one in slices.get(place, []):
            counts[one.measure] += one.amount
        return {name: Measured(now=exactly(count)) for name, count in counts.items()}

    return rows_of(matrix, (), measure)


def failed_readings(matrix: Matrix, facts: Facts) -> tuple[FailedReadings, ...]:
    """Each reason for which readings failed, by channel."""
    return tuple(
        FailedReadings(
            channel=matrix.channels[fact.channel_id].name,
            platform=matrix.channels[fact.channel_id].platform,
            reason=fact.reason,
            of_audience=fact.of_audience,
            count=fact.count,
        )
        for fact in matrix.own(facts.failures)
    )


def oldest_readings(matrix: Matrix, facts: Facts) -> tuple[OldestReading, ...]:
    """By platform, how long ago the stalest of the week's publications was last read."""
    oldest: dict[str, OldestReading] = {}
    for fact in matrix.own(facts.publications):
        platform = matrix.channels[fact.channel_id].platform
        if fact.read_at and (platform not in oldest or fact.read_at < oldest[platform].read_at):
            oldest[platform] = OldestReading(platform=platform, read_at=fact.read_at)
    return tuple(oldest[platform] for platform in sorted(oldest))


def short_books(matrix: Matrix, period: Period, earlier: Facts, zone: ZoneInfo) -> ShortBooks | None:
    """The channels without which an earlier period is compared, None where it is compared with all."""
    compared, channels = earlier.compared, matrix.channels.values()
    left_out = sorted(one.name for one in channels if compared is not None and one.id not in compared)
    if not left_out:
        return None
    begun_at = min(one.begun_at for one in channels)
    return ShortBooks(
        period=period.name,
        channels=tuple(left_out),
        of=len(channels),
        begun=begun_at.astimezone(zone).date(),
    )


def _counts(matrix: Matrix, catalogue: Catalogue, facts: Facts) -> Iterator[Count]:
    counted = {
        platform: {metric.name for metric in common_metrics(catalogue, platform)}
        for platform in matrix.platforms
    }
    common = {channel.id: counted[channel.platform] for channel in matrix.channels.values()}
    for publication in matrix.own(facts.publications):
        if common[publication.channel_id]:
            yield Count(publication.channel_id, "countable")
            yield Count(publication.channel_id, "read", int(publication.read_at is not None))
    for failure in facts.failures:
        yield Count(failure.channel_id, "audience_failed" if failure.of_audience else "failed", failure.count)
    for movement in matrix.own(facts.movements):
        if (movement.carried or movement.baselines) and movement.metric in common[movement.channel_id]:
            yield Count(movement.channel_id, "carried", movement.carried)
            yield Count(movement.channel_id, "baselines", movement.baselines)
