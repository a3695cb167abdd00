"""What the centre put out: posts, their deliveries by how they stand, and what is live."""

from collections import Counter
from collections.abc import Callable, Mapping

from scheduler.core.facts import DeliveryFact, Facts, PublicationFact
from scheduler.core.figures import Figure, exactly
from scheduler.core.states import State
from scheduler.reports.dataset import Dimension, Measured, Row
from scheduler.reports.figures.comparing import Times, measured
from scheduler.reports.figures.slicing import Matrix, Slice, rows_of

STATES = {
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
        return {name: measured(here.each(_reading(name))) for name in NOTHING}

    return rows_of(matrix, campaigns, measure)


def _reading(name: str) -> Callable[[Mapping[str, int]], Figure]:
    return lambda count: exactly(count[name])


def _counts(matrix: Matrix, facts: Facts) -> dict[Slice, Mapping[str, int]]:
    deliveries, publications = matrix.cut(facts.deliveries), matrix.cut(facts.publications)
    recalls = matrix.cut(facts.recalls)
    return {
        place: _count(
            deliveries.get(place, []),
            publications.get(place, []),
            sum(fact.count for fact in recalls.get(place, [])),
        )
        for place in deliveries.keys() | publications.keys() | recalls.keys()
    }


def _count(
    deliveries: list[DeliveryFact], publications: list[PublicationFact], recalled: int
) -> Mapping[str, int]:
    states = Counter(STATES.get(State(fact.state), "pending") for fact in deliveries)
    return {
        "posts": len({due.post_id for due in deliveries} | {live.post_id for live in publications}),
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


NOTHING = _count([], [], 0)
