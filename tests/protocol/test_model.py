"""The model of the protocol holds in every order of steps, and no guard in it is idle."""

import pytest

from connectors.capabilities import Idempotency
from tests.protocol.guards import Guard, Rules
from tests.protocol.model import counterexample, explore


@pytest.mark.parametrize("kind", list(Idempotency))
def test_no_order_of_steps_breaks_the_protocol(kind: Idempotency) -> None:
    seen, wrong = explore(Rules(kind=kind, faults=1))
    assert wrong is None, str(wrong)
    assert len(seen) > 1_000


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(Idempotency))
def test_three_faults_and_a_persons_move_break_nothing_either(kind: Idempotency) -> None:
    seen, wrong = explore(Rules(kind=kind, faults=3))
    assert wrong is None, str(wrong)
    assert len(seen) > 20_000


@pytest.mark.parametrize("guard", list(Guard), ids=lambda guard: guard.name.lower())
def test_each_guard_prevents_something(guard: Guard) -> None:
    found = counterexample(guard)
    assert found is not None, f"nothing goes wrong without: {guard}"
    assert found.trace
