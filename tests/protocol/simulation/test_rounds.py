"""Rounds of the simulation from fixed seeds: the platforms' logs agree with the rows."""

from pathlib import Path

import pytest

from connectors.capabilities import Idempotency
from scheduler.core.lateness import Lateness
from scheduler.services.runtime import Runtime
from scheduler.testing import FakeClock
from tests.protocol.simulation.judging import breaches
from tests.protocol.simulation.people import Desk
from tests.protocol.simulation.running import Result, play, play_alone, seeded, sqlite_runtime

pytestmark = pytest.mark.slow

SIZE = 80
SEEDS = (1, 2, 101)


MET = {
    "cancel",
    "clock off",
    "pause",
    "recall: cancelled",
    "recall: deleted",
    "recover: published",
    "recover: unconfirmed",
    "release",
    "resolve: absent",
    "resolve: published",
    "resolve: sent again",
    "restore",
    "resume",
    "stand still",
    "withdraw",
}


def test_rounds_of_faults_deaths_and_people_break_no_rule_and_meet_everything(tmp_path: Path) -> None:
    total = Result()
    for seed in SEEDS:
        total.add(play_alone(tmp_path / str(seed), seed, SIZE))
    assert total.breaches == []
    assert total.crashes > 0
    assert total.faults.total() > 0
    assert {what for what, count in total.happened.items() if count} >= MET


def test_a_seed_repeats_itself_to_the_last_key(tmp_path: Path) -> None:
    logs = []
    for number in range(2):
        with sqlite_runtime(tmp_path / str(number)) as (runtime, clock):
            centre = Desk(runtime, clock, seeded(5))
            play(centre, 5, SIZE // 4)
            logs.append([centre.platform(kind).log() for kind in Idempotency])
    assert any(logs[0])
    assert logs[0] == logs[1]


def test_a_round_breaks_no_rule_on_either_database(runtime: Runtime, clock: FakeClock) -> None:
    result = play(Desk(runtime, clock, seeded(7)), 7, SIZE // 4)
    assert result.breaches == []


def test_the_judge_sees_a_second_post(tmp_path: Path) -> None:
    with sqlite_runtime(tmp_path) as (runtime, clock):
        centre = Desk(runtime, clock, seeded(1))
        centre.plan(Idempotency.NOTHING, lateness=Lateness.NORMAL)
        centre.settle(hours=1)
        assert breaches(centre) == []
        platform = centre.platform(Idempotency.NOTHING)
        platform.posts *= 2
        assert any("visible 2 times" in one for one in breaches(centre))
