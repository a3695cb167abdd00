"""What the centre put out: posts, their deliveries by how they stand, and what is live."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from operator import itemgetter
from typing import TypeAlias, TypeVar

from scheduler.core.facts import DeliveryFact, Facts, PublicationFact
from scheduler.core.figures import Figure, Reason, absent, exactly
from scheduler.core.states import State
from scheduler.reports.dataset import Dimension, Measured, Row
from scheduler.reports.figures.comparing import Times, measured
from scheduler.reports.figures.slicing import Matrix, Placed, Presence, Slice, rows_of

P = TypeVar("P", bound=Placed)
Count: TypeAlias = Mapping[str, Figure]

STATES: Mapping[str, str] = {
    State.UNCONFIRMED: "unconfirmed",
    State.HELD: "held",
    State.REJECTED: "rejected",
    State.MISSED: "missed",
    State.CANCELLED: "cancelled",
    State.PUBLISHED: "done",
}


def output_rows(matrix: Matrix, times: Times) -> tuple[Row, ...]:
    """Counts of our own books by slice, compared."""
    counts = times.each(lambda facts: _counts(matrix, facts))
    campaigns = {key for dimension, key in counts.now if dimension is Dimension.CAMPAIGN}

    def measure(place: Slice) -> Mapping[str, Measured]:
        here = counts.each(lambda count: count.get(place, NOTHING))
        return {name: measured(here.each(itemgetter(name))) for name in NOTHING}

    return rows_of(matrix, campaigns, measure)


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
        place: {name: _over(figure, every & compared, every) for name, figure in found.items()}
        for place, every in channels.items()
        for found in [counts.get(place, NOTHING)]
    }


def _over(figure: Figure, known: set[int], every: set[int]) -> Figure:
    """A count over some of these channels, as it is where they are all; none where none is compared."""
    if known == every:
        return figure
    return replace(figure, known=len(known), of=len(every)) if known else absent(Reason.BASE_INCOMPLETE)


def _count(deliveries: list[DeliveryFact], publications: list[PublicationFact], recalled: int) -> Count:
    states = Counter([STATES.get(fact.state, "pending") for fact in deliveries])
    out = {live.post_id for live in publications}
    counts = {
        "posts": len({due.post_id for due in deliveries} | out),
        "posts_out": len(out),
        "deliveries": len(deliveries),
        "publications": len(publications),
        "pending": states["pending"],
        "unconfirmed": states["unconfirmed"],
        "held": states["held"],
        "rejected": states["rejected"],
        "missed": states["missed"],
        "cancelled": states["cancelled"],
        "recalled": recalled,
    }
    return {name: exactly(count) for name, count in counts.items()}


NOTHING = _count([], [], 0)
