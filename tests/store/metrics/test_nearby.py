"""Whatever the numbers, each row that is asked for is found; of others only such as lie between."""

import pytest
from sqlalchemy import select

from scheduler.services.runtime import Runtime
from scheduler.store.metrics.nearby import nearby
from scheduler.store.tables import Campaign
from tests.conftest import START


@pytest.mark.parametrize("chosen", [(), (3,), (2, 3, 5), (0, 29), (7, 8, 29)])
def test_rows_are_found_by_numbers_that_lie_together_or_far_apart(
    runtime: Runtime, chosen: tuple[int, ...]
) -> None:
    with runtime.begin() as session:
        made = [Campaign(organisation_id=1, name=f"c{number}", created_at=START) for number in range(30)]
        session.add_all(made)
        session.flush()
        asked = {made[number].id for number in chosen}
        found = set(session.scalars(select(Campaign.id).where(nearby(session, Campaign.id, asked))))
    assert asked <= found
    assert len(found) <= 4 * len(asked)
    assert all(min(asked) <= number <= max(asked) for number in found)
