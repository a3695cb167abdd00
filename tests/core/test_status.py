"""Where a post stands as a whole."""

import pytest

from scheduler.core.states import NEEDS_ATTENTION, State
from scheduler.core.status import Status, status_of


@pytest.mark.parametrize(
    ("states", "submitted", "approved", "status"),
    [
        ({State.SCHEDULED: 4}, False, False, Status.DRAFT),
        ({State.SCHEDULED: 4}, True, False, Status.SUBMITTED),
        ({State.SCHEDULED: 4}, True, True, Status.APPROVED),
        ({State.SCHEDULED: 3, State.PUBLISHED: 1}, True, True, Status.UNDER_WAY),
        ({State.RETRYING: 1, State.PUBLISHED: 3}, True, True, Status.UNDER_WAY),
        ({State.PUBLISHED: 4}, True, True, Status.PUBLISHED),
        ({State.PUBLISHED: 3, State.CANCELLED: 1}, True, True, Status.PUBLISHED),
        ({State.CANCELLED: 2}, True, True, Status.CANCELLED),
        ({}, False, True, Status.CANCELLED),
    ],
)
def test_the_status_follows_the_deliveries(
    states: dict[State, int], submitted: bool, approved: bool, status: Status
) -> None:
    assert status_of(states, submitted=submitted, approved=approved) is status


@pytest.mark.parametrize("state", sorted(NEEDS_ATTENTION))
def test_one_delivery_in_need_is_enough(state: State) -> None:
    assert status_of({State.PUBLISHED: 9, state: 1}, submitted=True, approved=True) is Status.ATTENTION
