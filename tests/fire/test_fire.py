"""A slice of the matrix for every run of CI: `make test-fire`. All of it is `make fire`."""

from pathlib import Path

import pytest

from tests.fire.__main__ import chosen_kinds
from tests.fire.running import rounds
from tests.servers.fixtures import skipping_unavailable

SLICE = (
    "worker-killed-at-failpoints",
    "worker-frozen-in-call",
    "planners-two-leading",
    "broker-flushed",
)


@pytest.mark.fire
def test_nothing_is_twice_lost_or_unapproved_under_fire(tmp_path: Path) -> None:
    with skipping_unavailable():
        results = list(rounds(chosen_kinds(SLICE, ()), tmp_path, seed=1, deliveries=120))
    assert [result.kind for result in results] == list(SLICE)
    assert [breach for result in results for breach in result.breaches] == []
    assert all(result.deliveries >= 100 for result in results)
