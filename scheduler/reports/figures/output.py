"""What the centre put out: posts, their deliveries by how they stand, and what is live."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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


class Due(NamedTuple):
    """The posts that were due, and how many deliveries of them stand how."""

    posts: set[int]
    states: Counter[str]


class Out(NamedTuple):
    """The posts that went live, and how many publications these are."""

    posts: set[int]
    publications: int


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

    def own(placed: Iterable[P]) -> Iterable[P]:
        over = facts.compared
        return placed if over is None else [one for one in placed if one.channel_id in over]

    due = matrix.sums(own(facts.deliveries), _due, _due_together)
    out = matrix.sums(own(facts.publications), _out, _out_together)
    recalls = matrix.cut(own(facts.recalls))
    recalled = {place: sum(fact.count for fact in found) for place, found in recalls.items()}
    counts = {
        place: _count(due.get(place, NONE_DUE), out.get(place, NONE_OUT), recalled.get(place, 0))
        for place in due.keys() | out.keys() | recalled.keys()
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


def _due(facts: Sequence[DeliveryFact]) -> Due:
    return Due({fact.post_id for fact in facts}, Counter([fact.state for fact in facts]))


def _due_together(several: Sequence[Due]) -> Due:
    states = sum((one.states for one in several), Counter())
    return Due(set().union(*(one.posts for one in several)), states)


def _out(facts: Sequence[PublicationFact]) -> Out:
    return Out({fact.post_id for fact in facts}, len(facts))


def _out_together(several: Sequence[Out]) -> Out:
    return Out(set().union(*(one.posts for one in several)), sum(one.publications for one in several))


def _count(due: Due, out: Out, recalled: int) -> Count:
    told: Counter[str] = Counter()
    for state, count in due.states.items():
        told[STATES.get(state, "pending")] += count
    here = (len(due.posts | out.posts), len(out.posts), due.states.total(), out.publications)
    return Count((*here, *(told[name] for name in ON_THE_WAY), recalled))


NONE_DUE, NONE_OUT = _due(()), _out(())
NOTHING = _count(NONE_DUE, NONE_OUT, 0)
