"""Where a post stands as a whole: derived from its deliveries whenever it is asked, never stored."""

from collections.abc import Mapping
from enum import StrEnum

from scheduler.core.states import NEEDS_ATTENTION, State


class Status(StrEnum):
    """The word for a post in lists, from its first draft to its last delivery."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    UNDER_WAY = "under way"
    PUBLISHED = "published"
    ATTENTION = "needs attention"
    CANCELLED = "cancelled"


WAITING = frozenset({State.SCHEDULED})


def status_of(states: Mapping[State, int], *, submitted: bool, approved: bool) -> Status:
    """The status of a post with so many deliveries in each state.

    `approved` says that no delivery waits for approval.
    """
    live = {state for state, count in states.items() if count and state is not State.CANCELLED}
    if not live:
        return Status.CANCELLED
    if live & NEEDS_ATTENTION:
        return Status.ATTENTION
    if live == {State.PUBLISHED}:
        return Status.PUBLISHED
    if live - WAITING:
        return Status.UNDER_WAY
    if approved:
        return Status.APPROVED
    return Status.SUBMITTED if submitted else Status.DRAFT
