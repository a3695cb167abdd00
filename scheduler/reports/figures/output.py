"""What the centre put out: posts, their deliveries by how they stand, and what is live."""

from collections.abc import Iterable, Mapping
from functools import cache
from operator import itemgetter
from typing import NamedTuple, TypeVar

from scheduler.core.facts import DeliveryFact, Facts, PublicationFact
from scheduler.core.figures import Figure, Reason, absent, exactly
from scheduler.core.states import State
from scheduler.reports.dataset import Dimension, Measured, Row
from scheduler.reports.figures.comparing import Compared, Times, measured
from scheduler.reports.figures.slicing import Matrix, Placed, Presence, Slice, rows_of

P = TypeVar("P", bound=Placed)

STATES: Mapping[str, str] = {
    State.UNCONFIRMED: "unconfirmed",
    State.HELD: "held",
    State.REJECTED: "rejected",
    State.MISSED: "missed",
    State.CANCELLED: "cancelled",
    State.PUBLISHED: "done",
}
NAMES = (
    "posts",
    "posts_out",
    "deliveries",
    "publications",
    *(ON_THE_WAY := ("pending", "unconfirmed", "held", "rejected", "missed", "cancelled")),
    "recalled",
)


class Count(NamedTuple):
    """How many there are of each of NAMES, over `known` of `of` channels; both are 0 where it is over all."""

    amounts: tuple[int, ...]
    known: int = 0
    of: int = 0

    def figures(self) -> dict[str, Figure]:
        """By name; none where no channel is compared."""
        return {name: self._figure(amount) for name, amount in zip(NAMES, self.amounts, strict=True)}

    def _figure(self, amount: int) -> Figure:
        if self.known == self.of:
            return exactly(amount)
        known = Figure(value=amount, known=self.known, of=self.of)
        return known if self.known else absent(Reason.BASE_INCOMPLETE)


def output_rows(matrix: Matrix, times: Times) -> tuple[Row, ...]:
    """Counts of our own books by slice, compared."""
    counts = times.each(lambda facts: _counts(matrix, facts))
    campaigns = {key for dimension, key in counts.now if dimension is Dimension.CAMPAIGN}
    measures = cache(_measures)

    def measure(place: Slice) -> Mapping[str, Measured]:
        return measures(counts.each(lambda count: count.get(place, NOTHING)))

    return rows_of(matrix, campaigns, measure)


def _measures(counts: Compared[Count]) -> Mapping[str, Measured]:
    """Worked out once for all the channels that did as much."""
    figures = counts.each(Count.figures)
    return {name: measured(figures.each(itemgetter(name))) for name in NAMES}


def _counts(matrix: Matrix, facts: Facts) -> dict[Slice, Count]:
    """By slice, over those of its channels that are compared."""

    def cut(placed: Iterable[P]) -> dict[Slice, list[P]]:
        over = facts.compared
        return matrix.cut(one for one in placed if over is None or one.channel_id in over)

    deliveries, publications, recalls = cut(facts.deliveries), cut(facts.publications), cut(facts.recalls)
    counts = {
        place: _count(
            deliveries.get(place, []),
            publications.get(place, []),
            sum(fact.count for fact in recalls.get(place, [])),
        )
        for place in deliveries.keys() | publications.keys() | recalls.keys()
    }
    return counts if facts.compared is None else _told_over(facts.compared, counts, _channels(matrix, facts))


def _channels(matrix: Matrix, facts: Facts) -> dict[Slice, set[int]]:
    """The channels of each slice."""
    placed: tuple[Placed, ...] = (
        *map(Presence, matrix.channels),
        *facts.deliveries,
        *facts.publications,
        *facts.recalls,
    )
    return {place: {one.channel_id for one in found} for place, found in matrix.cut(placed).items()}


def _told_over(
    compared: frozenset[int], counts: Mapping[Slice, Count], channels: Mapping[Slice, set[int]]
) -> dict[Slice, Count]:
    """The counts of each slice with how many of its channels they cover."""
    return {
        place: _over(counts.get(place, NOTHING), every & compared, every) for place, every in channels.items()
    }


def _over(count: Count, known: set[int], every: set[int]) -> Count:
    return count if known == every else Count(count.amounts, len(known), len(every))


def _count(deliveries: list[DeliveryFact], publications: list[PublicationFact], recalled: int) -> Count:
    states = [STATES.get(fact.state, "pending") for fact in deliveries]
    out = {live.post_id for live in publications}
    posts = len({due.post_id for due in deliveries} | out)
    here = (posts, len(out), len(deliveries), len(publications))
    return Count((*here, *(states.count(name) for name in ON_THE_WAY), recalled))


NOTHING = _count([], [], 0)
