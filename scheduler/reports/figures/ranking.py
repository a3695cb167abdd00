"""The posts of the week that brought most and least, and what is missing of them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from connectors.capabilities import Family
from scheduler.core.catalogue import Catalogue, common_metrics, of_family
from scheduler.core.facts import Facts, TextFact
from scheduler.core.figures import Figure, Part, Reason, add_up
from scheduler.core.gaps import Gaps
from scheduler.core.metrics import COMMON_SET
from scheduler.reports.dataset import Measured, Picture, PostResult
from scheduler.reports.figures.responses import FAMILIES
from scheduler.reports.figures.slicing import Matrix

SHOWN = 5
RIPE_AFTER = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class Standing:
    """How a post did on each channel that was read; `unread` are those that were not."""

    post_id: int
    campaign: str
    latest_at: datetime
    unread: list[int] = field(default_factory=list)
    counters: dict[int, Counter[Family]] = field(default_factory=dict)

    @property
    def responses(self) -> int:
        """The common set over all channels."""
        return sum(counts.total() for counts in self.counters.values())

    @property
    def best_channel(self) -> int:
        """Where it brought most; the first of several by id."""
        return min(self.counters, key=lambda channel: (-self.counters[channel].total(), channel))


@dataclass(frozen=True, slots=True)
class Ranking:
    """The posts to show, best first and weakest first."""

    best: tuple[Standing, ...]
    weakest: tuple[Standing, ...]

    @property
    def places(self) -> set[tuple[int, int]]:
        """The (post id, channel id) whose texts are shown."""
        return {(one.post_id, one.best_channel) for one in (*self.best, *self.weakest)}

    @property
    def channels(self) -> set[tuple[int, int]]:
        """The (post id, channel id) whose responses count."""
        ranked = (*self.best, *self.weakest)
        return {(one.post_id, channel) for one in ranked for channel in (*one.counters, *one.unread)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What figures of ranked posts are made from.

    `given` are the metrics that readings gave by (channel id, campaign); `texts` by (post id, channel id);
    `gaps` the looks due and missing by post id.
    """

    matrix: Matrix
    catalogue: Catalogue
    given: Mapping[tuple[int, str | None], Collection[str]]
    texts: Mapping[tuple[int, int], TextFact]
    gaps: Mapping[int, Gaps]


def rank(matrix: Matrix, catalogue: Catalogue, facts: Facts, *, now: datetime) -> Ranking:
    """The upper half of the posts at most; weak is one of the rest that was all read and out for a day.

    `now` (aware UTC) matters while the week still runs: nothing was out longer than until then.
    """
    standings = [one for one in _standings(matrix, catalogue, facts) if one.counters]
    ordered = sorted(standings, key=lambda one: (-one.responses, one.post_id))
    best = [one for one in ordered[: min(SHOWN, ceil(len(ordered) / 2))] if one.responses]
    ripe = [
        one
        for one in reversed(ordered[len(best) :])
        if not one.unread and one.latest_at <= min(facts.ends_at, now) - RIPE_AFTER
    ]
    return Ranking(tuple(best), tuple(ripe[:SHOWN]))


def post_results(basis: Basis, standings: Iterable[Standing]) -> tuple[PostResult, ...]:
    """The ranked posts with their texts, in the same order."""
    return tuple(_result(basis, one, basis.texts[one.post_id, one.best_channel]) for one in standings)


def _standings(matrix: Matrix, catalogue: Catalogue, facts: Facts) -> list[Standing]:
    found: dict[int, Standing] = {}
    for fact in matrix.own(facts.publications):
        if not common_metrics(catalogue, matrix.channels[fact.channel_id].platform):
            continue
        new = Standing(post_id=fact.post_id, campaign=fact.campaign, latest_at=fact.published_at)
        standing = found.setdefault(fact.post_id, new)
        standing.latest_at = max(standing.latest_at, fact.published_at)
        if fact.read_at:
            standing.counters[fact.channel_id] = Counter()
        else:
            standing.unread.append(fact.channel_id)
    _count(matrix, catalogue, facts, found)
    return list(found.values())


def _count(matrix: Matrix, catalogue: Catalogue, facts: Facts, standings: Mapping[int, Standing]) -> None:
    families = {
        (platform, metric.name): metric.family
        for platform in catalogue
        for metric in common_metrics(catalogue, platform)
    }
    for fact in matrix.own(facts.posts):
        family = families.get((matrix.channels[fact.channel_id].platform, fact.metric))
        if family and fact.post_id in standings:
            counters = standings[fact.post_id].counters
            counters.setdefault(fact.channel_id, Counter())[family] += fact.increment


def _result(basis: Basis, standing: Standing, said: TextFact) -> PostResult:
    figures = {name: _figure(basis, standing, [family]) for name, family in FAMILIES.items()}
    figures = {"responses": _figure(basis, standing, COMMON_SET), **figures}
    gaps = basis.gaps.get(standing.post_id, Gaps())
    return PostResult(
        ref=said.ref,
        campaign=standing.campaign,
        channel=basis.matrix.channels[said.channel_id].name,
        language=said.language,
        text=said.text,
        url=said.url,
        publications=len(standing.counters) + len(standing.unread),
        measures={name: Measured(now=figure) for name, figure in figures.items()},
        picture=Picture(said.image, said.alt) if said.image else None,
        looks_due=gaps.due,
        looks_missed=gaps.missed,
    )


def _figure(basis: Basis, standing: Standing, families: Sequence[Family]) -> Figure:
    channels = (*standing.counters, *standing.unread)
    return add_up(_part(basis, standing, channel, families) for channel in channels)


def _part(basis: Basis, standing: Standing, channel: int, families: Sequence[Family]) -> Part:
    """What a channel brought; a gap where it was not read, or never gave any of these counters."""
    platform, counts = basis.matrix.channels[channel].platform, standing.counters.get(channel)
    asked = [metric for family in families for metric in of_family(basis.catalogue, platform, family)]
    given = basis.given.get((channel, standing.campaign), ())
    found = [metric for metric in asked if metric.name in given]
    if not asked:
        return Part(channel=channel, value=None, reason=Reason.NO_DEFINITION)
    if counts is None or not found:
        return Part(
            channel=channel, value=None, reason=Reason.NOT_READ if counts is None else Reason.NOT_GIVEN
        )
    value = sum(counts[family] for family in {metric.family for metric in found})
    return Part(channel=channel, value=value, whole=len(found) == len(asked))
