"""The states of a delivery and the only edges between them; docs/states.md is drawn from this table."""

from enum import StrEnum


class State(StrEnum):
    """Where a delivery stands. UNCONFIRMED means it may be live and nobody knows yet."""

    SCHEDULED = "scheduled"
    READY = "ready"
    CLAIMED = "claimed"
    SENDING = "sending"
    PROCESSING = "processing"
    PUBLISHED = "published"
    RETRYING = "retrying"
    UNCONFIRMED = "unconfirmed"
    REJECTED = "rejected"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"


EDGES: dict[State, frozenset[State]] = {
    State.SCHEDULED: frozenset({State.READY, State.HELD, State.MISSED, State.CANCELLED}),
    State.READY: frozenset(
        {State.CLAIMED, State.SCHEDULED, State.UNCONFIRMED, State.HELD, State.MISSED, State.CANCELLED}
    ),
    State.CLAIMED: frozenset(
        {
            State.SENDING,
            State.SCHEDULED,
            State.READY,
            State.RETRYING,
            State.UNCONFIRMED,
            State.REJECTED,
            State.HELD,
            State.CANCELLED,
        }
    ),
    State.SENDING: frozenset(
        {State.PUBLISHED, State.PROCESSING, State.RETRYING, State.UNCONFIRMED, State.REJECTED, State.HELD}
    ),
    State.PROCESSING: frozenset({State.PUBLISHED, State.UNCONFIRMED, State.REJECTED}),
    State.RETRYING: frozenset({State.READY, State.HELD, State.MISSED, State.CANCELLED}),
    State.UNCONFIRMED: frozenset(
        {
            State.PUBLISHED,
            State.PROCESSING,
            State.READY,
            State.RETRYING,
            State.REJECTED,
            State.HELD,
            State.CANCELLED,
        }
    ),
    State.HELD: frozenset({State.SCHEDULED, State.READY, State.MISSED, State.CANCELLED}),
    State.PUBLISHED: frozenset(),
    State.REJECTED: frozenset(),
    State.MISSED: frozenset(),
    State.CANCELLED: frozenset(),
}

FINAL = frozenset(state for state, targets in EDGES.items() if not targets)
NEEDS_ATTENTION = frozenset({State.REJECTED, State.HELD, State.UNCONFIRMED, State.MISSED})


class ImpossibleTransition(Exception):
    """Code asked for an edge that is not in the table: a bug, never an input error."""


def require_edge(source: State, target: State) -> None:
    """Return when the table has the edge; otherwise ImpossibleTransition."""
    if target not in EDGES[source]:
        raise ImpossibleTransition(f"{source} -> {target}")
