"""From which countries an audience comes: what was entered of single channels, and else a gap.

A channel's region is where the centre aims it, which is no reading of where its audience is.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scheduler.core.catalogue import Catalogue, has_split
from scheduler.core.countries import OLDEST, CountrySplit, SplitMeasure, largest_first
from scheduler.core.facts import Facts
from scheduler.core.figures import Figure, Reason
from scheduler.reports.dataset import (
    ChannelCountries,
    CountryGap,
    Dimension,
    FollowersByCountry,
    Measured,
    Row,
)
from scheduler.reports.figures.audience import follows_of
from scheduler.reports.figures.slicing import Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Countries:
    """The splits that stand for a period, their sums, and why there are no others."""

    splits: tuple[ChannelCountries, ...]
    total: FollowersByCountry | None
    gaps: tuple[CountryGap, ...]


def countries_of(
    matrix: Matrix, catalogue: Catalogue, facts: Facts, splits: Sequence[CountrySplit], *, last_day: date
) -> Countries:
    """From the last split of each channel until the last day; those of manual channels are in no sum."""
    gone = {one.channel_id for one in facts.levels if one.gone}
    why = {one.channel_id: _left_out(one, gone, last_day) for one in splits}
    standing = [one for one in splits if why[one.channel_id] is None]
    summed = [
        one for one in standing if one.measure is SplitMeasure.FOLLOWERS and one.channel_id in matrix.channels
    ]
    return Countries(
        splits=tuple(map(_told, standing)),
        total=_total(matrix, catalogue, facts, summed) if summed else None,
        gaps=tuple(_gaps(matrix, catalogue, splits, why)),
    )


def _left_out(split: CountrySplit, gone: set[int], last_day: date) -> Reason | None:
    if split.channel_id in gone:
        return Reason.GONE
    return Reason.TOO_OLD if last_day - split.key.as_of > OLDEST else None


def _gaps(
    matrix: Matrix,
    catalogue: Catalogue,
    splits: Sequence[CountrySplit],
    why: Mapping[int, Reason | None],
) -> Iterator[CountryGap]:
    """Why they are not known: of a platform without any split, or of channels that stand beside others.

    No connector reads such figures yet: a platform that has them is a gap of ours, told as not read.
    """
    known: defaultdict[str, dict[str, Reason | None]] = defaultdict(dict)
    for one in splits:
        known[one.platform][one.key.channel] = why[one.channel_id]
    for platform in sorted(matrix.platforms | known.keys()):
        if platform in known:
            yield from _gaps_on(matrix, platform, known[platform])
        else:
            reported = has_split(catalogue, platform, "country")
            yield CountryGap(platform=platform, reason=Reason.NOT_READ if reported else Reason.NO_DEFINITION)


def _gaps_on(matrix: Matrix, platform: str, known: Mapping[str, Reason | None]) -> Iterator[CountryGap]:
    channels = [one.name for one in matrix.channels.values() if one.platform == platform]
    reasons = {**dict.fromkeys(channels, Reason.NOT_ENTERED), **known}
    for reason in Reason:
        if found := sorted(name for name, one in reasons.items() if one is reason):
            yield CountryGap(platform=platform, reason=reason, channels=tuple(found))


def _told(split: CountrySplit) -> ChannelCountries:
    return ChannelCountries(
        channel=split.key.channel,
        title=split.title,
        platform=split.platform,
        as_of=split.key.as_of,
        measure=split.measure,
        amounts=split.amounts,
        source=split.source,
        by=split.by,
        entered_at=split.entered_at,
        corrected=split.corrected,
    )


def _total(
    matrix: Matrix, catalogue: Catalogue, facts: Facts, splits: Sequence[CountrySplit]
) -> FollowersByCountry:
    levels = {
        one.channel_id: one.end or 0
        for one in follows_of(matrix, catalogue, facts.levels, since=facts.starts_at)
    }
    return FollowersByCountry(
        rows=_rows(splits),
        channels=len(splits),
        of=len(matrix.channels),
        level=sum(levels[one.channel_id] for one in splits),
        follower_total=sum(levels.values()),
    )


def _rows(splits: Sequence[CountrySplit]) -> tuple[Row, ...]:
    """A country is known on the channels that name it: one that does not says neither 0 nor how many."""
    named: defaultdict[str, list[int]] = defaultdict(list)
    for split in splits:
        for country, followers in split.amounts.items():
            named[country].append(followers)
    sums = largest_first({country: sum(found) for country, found in named.items()})
    figures = {
        country: Figure(value=followers, known=len(named[country]), of=len(splits))
        for country, followers in sums.items()
    }
    return tuple(
        Row(dimension=Dimension.COUNTRY, key=country, measures={"followers": Measured(now=figure)})
        for country, figure in figures.items()
    )
