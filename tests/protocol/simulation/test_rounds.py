"""Rounds of the simulation from fixed seeds: the platforms' logs agree with the rows."""

from pathlib import Path

import pytest

from connectors.capabilities import Idempotency
from scheduler.core.lateness import Lateness
from scheduler.services.runtime import Runtime
from scheduler.testing import FakeClock
from tests.protocol.simulation.centre import Centre
from tests.protocol.simulation.judging import breaches
from tests.protocol.simulation.running import play, seeded, sqlite_runtime

SIZE = 40


@pytest.mark.parametrize("seed", [1, 2, 101, 103])
def test_a_round_of_faults_and_deaths_breaks_no_rule(seed: int, tmp_path: Path) -> None:
    with sqlite_runtime(tmp_path) as (runtime, clock):
        result = play(Centre(runtime, clock, seeded(seed)), seed, SIZE)
    assert result.breaches == []
    assert result.crashes > 0
    assert result.faults.total() > 0


def test_a_seed_repeats_itself_to_the_last_key(tmp_path: Path) -> None:
    logs = []
    for number in range(2):
        with sqlite_runtime(tmp_path / str(number)) as (runtime, clock):
            centre = Centre(runtime, clock, seeded(5))
            play(centre, 5, SIZE // 2)
            logs.append([centre.platform(kind).log() for kind in Idempotency])
    assert any(logs[0])
    assert logs[0] == logs[1]


def test_a_round_breaks_no_rule_on_either_database(runtime: Runtime, clock: FakeClock) -> None:
    result = play(Centre(runtime, clock, seeded(7)), 7, SIZE // 2)
    assert result.breaches == []


def test_the_judge_sees_a_second_post(tmp_path: Path) -> None:
    with sqlite_runtime(tmp_path) as (runtime, clock):
        centre = Centre(runtime, clock, seeded(1))
        centre.plan(Idempotency.NOTHING, lateness=Lateness.NORMAL)
        centre.settle(hours=1)
        assert breaches(centre) == []
        platform = centre.platform(Idempotency.NOTHING)
        platform.posts *= 2
        assert any("visible 2 times" in one for one in breaches(centre))
