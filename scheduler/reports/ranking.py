"""The posts that brought most and least, among those that went out in the week."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from connectors.capabilities import Family
from scheduler.core.catalogue import Catalogue, common_metrics, of_family
from scheduler.core.facts import Facts, TextFact
from scheduler.core.figures import Figure, Part, Reason, add_up
from scheduler.core.metrics import COMMON_SET
from scheduler.reports.dataset import Measured, PostResult
from scheduler.reports.responses import FAMILIES
from scheduler.reports.slicing import Matrix

SHOWN = 5
RIPE_AFTER = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class Standing:
    """How a post did on each channel that was read; `unread` counts those that were not."""

    post_id: int
    campaign: str
    latest_at: datetime
    unread: int = 0
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


def post_results(
    matrix: Matrix, catalogue: Catalogue, standings: Iterable[Standing], texts: Sequence[TextFact]
) -> tuple[PostResult, ...]:
    """The ranked posts with their texts, in the same order."""
    said = {(fact.post_id, fact.channel_id): fact for fact in texts}
    return tuple(_result(matrix, catalogue, one, said[one.post_id, one.best_channel]) for one in standings)


def _standings(matrix: Matrix, catalogue: Catalogue, facts: Facts) -> list[Standing]:
    found: dict[int, Standing] = {}
    for fact in matrix.own(facts.publications):
        if not common_metrics(catalogue, matrix.channels[fact.channel_id].platform):
            continue
        new = Standing(post_id=fact.post_id, campaign=fact.campaign, latest_at=fact.published_at)
        standing = found.setdefault(fact.post_id, new)
        standing.latest_at = max(standing.latest_at, fact.published_at)
        standing.unread += fact.read_at is None
        if fact.read_at:
            standing.counters[fact.channel_id] = Counter()
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


def _result(matrix: Matrix, catalogue: Catalogue, standing: Standing, said: TextFact) -> PostResult:
    figures = {name: _figure(matrix, catalogue, standing, [family]) for name, family in FAMILIES.items()}
    figures = {"responses": _figure(matrix, catalogue, standing, COMMON_SET), **figures}
    return PostResult(
        ref=said.ref,
        campaign=standing.campaign,
        channel=matrix.channels[said.channel_id].name,
        language=said.language,
        text=said.text,
        url=said.url,
        publications=len(standing.counters) + standing.unread,
        measures={name: Measured(now=figure) for name, figure in figures.items()},
    )


def _figure(matrix: Matrix, catalogue: Catalogue, standing: Standing, families: Sequence[Family]) -> Figure:
    parts = []
    for channel, counts in standing.counters.items():
        platform = matrix.channels[channel].platform
        counted = [family for family in families if of_family(catalogue, platform, family)]
        value = sum(counts[family] for family in counted) if counted else None
        reason = None if counted else Reason.NO_DEFINITION
        parts.append(Part(channel=channel, value=value, reason=reason))
    return add_up(parts)
