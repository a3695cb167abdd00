"""What the centre put out: posts, their deliveries by how they stand, and what is live."""

from collections import Counter
from collections.abc import Mapping

from scheduler.core.facts import DeliveryFact, Facts, PublicationFact
from scheduler.core.figures import difference, exactly
from scheduler.core.states import State
from scheduler.reports.dataset import Dimension, Measured, Row
from scheduler.reports.slicing import Matrix, Slice, rows_of

STATES = {
    State.UNCONFIRMED: "unconfirmed",
    State.HELD: "held",
    State.REJECTED: "rejected",
    State.MISSED: "missed",
    State.CANCELLED: "cancelled",
    State.PUBLISHED: "done",
}


def output_rows(matrix: Matrix, now: Facts, before: Facts) -> tuple[Row, ...]:
    """Counts of our own books by slice, with the week before."""
    current, earlier = _counts(matrix, now), _counts(matrix, before)
    campaigns = {key for dimension, key in current if dimension is Dimension.CAMPAIGN}
    return rows_of(matrix, campaigns, lambda place: _compared(current.get(place), earlier.get(place)))


def _compared(now: Mapping[str, int] | None, before: Mapping[str, int] | None) -> Mapping[str, Measured]:
    now, before = now or _count([], [], 0), before or _count([], [], 0)
    return {name: _measured(now[name], before[name]) for name in now}


def _measured(now: int, before: int) -> Measured:
    current, earlier = exactly(now), exactly(before)
    return Measured(now=current, before=earlier, change=difference(current, earlier))


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
