"""The clock the planner lives by: what elapsed time explains, what is a step, and whose clock is off."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.core.clocks import NOTHING, Reading, Step
from scheduler.store.clock import BOOT, WatchedClock, counter, elapsed_s

START = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
PATIENCE_S = 30


class Machine:
    """A database's clock, this machine's own, and the seconds that truly go by; each moved by hand."""

    def __init__(
        self,
        *,
        again_s: float = 10.0,
        asked_in_s: float = 0.0,
        answers_in_s: float = 0.0,
        counter: str = "",
    ) -> None:
        self.told = self.wall = START
        self.passed_s = 1000.0
        self.asked_in_s, self.answers_in_s = asked_in_s, answers_in_s
        self.clock = WatchedClock(
            self._tell,
            again_s=again_s,
            wall=lambda: self.wall,
            elapsed=lambda: self.passed_s,
            counter=counter,
        )
        self.clock.now()

    def _tell(self) -> datetime:
        self.wait(timedelta(seconds=self.asked_in_s))
        told = self.told
        self.wait(timedelta(seconds=self.answers_in_s))
        return told

    def wait(self, by: timedelta) -> None:
        self.told += by
        self.wall += by
        self.passed_s += by.total_seconds()

    def step(self) -> Step:
        self.wait(timedelta(seconds=11))
        self.clock.now()
        return self.clock.take_step()


@pytest.fixture(params=[0.0, 10.0])
def machine(request: pytest.FixtureRequest) -> Machine:
    """Asked each time, as with SQLite, or every ten seconds."""
    return Machine(again_s=request.param)


def test_time_that_goes_by_is_no_step_however_long(machine: Machine) -> None:
    for wait in (timedelta(seconds=3), MINUTE, timedelta(hours=9)):
        machine.wait(wait)
        assert machine.clock.now() == machine.told
    assert machine.clock.take_step() == Step()


def test_a_step_forward_is_told_once(machine: Machine) -> None:
    machine.told += HOUR
    assert machine.step() == Step(HOUR, HOUR)
    assert machine.step() == Step()
    assert machine.clock.now() == machine.told


def test_what_is_sent_goes_by_the_time_before_a_jump_until_planners_have_seen_it(machine: Machine) -> None:
    machine.told += HOUR
    machine.wait(timedelta(seconds=11))
    assert machine.clock.settled_now() == machine.told - HOUR
    machine.wait(timedelta(seconds=31))
    assert machine.clock.settled_now() == machine.told
    machine.told -= HOUR
    machine.wait(timedelta(seconds=11))
    assert machine.clock.settled_now() == machine.told


@pytest.mark.parametrize(("then", "early"), [(HOUR, 2 * HOUR), (-MINUTE, HOUR - MINUTE), (-HOUR, NOTHING)])
def test_a_clock_that_steps_again_at_once_is_still_not_believed(
    machine: Machine, then: timedelta, early: timedelta
) -> None:
    machine.told += HOUR
    machine.step()
    machine.told += then
    machine.step()
    assert machine.clock.settled_now() == machine.told - early


def test_after_a_jump_a_slow_way_to_the_database_lets_nothing_be_sent_early() -> None:
    """The jump was taken for shorter by as much as its reading took, and what was in hand was that early."""
    machine = Machine(asked_in_s=0.5)
    machine.told += HOUR
    machine.step()
    assert machine.clock.settled_now() <= machine.told - HOUR


def test_a_step_back_moves_beyond_nothing_and_so_does_the_return(machine: Machine) -> None:
    machine.told -= HOUR
    assert machine.step() == Step(-HOUR, NOTHING)
    machine.wait(10 * MINUTE)
    machine.told += HOUR
    assert machine.step() == Step(HOUR, NOTHING)


def test_once_a_step_back_is_lived_through_the_next_one_forward_counts(machine: Machine) -> None:
    machine.told -= HOUR
    machine.step()
    machine.wait(HOUR + MINUTE)
    machine.step()
    machine.told += HOUR
    assert machine.step() == Step(HOUR, HOUR)


def test_forward_and_back_before_anyone_asked_is_nothing(machine: Machine) -> None:
    machine.told += HOUR
    machine.wait(MINUTE)
    machine.clock.now()
    machine.told -= HOUR
    assert machine.step() == Step()


def test_small_corrections_are_nobody_s_business(machine: Machine) -> None:
    for seconds in (29, -29, 10):
        machine.told += timedelta(seconds=seconds)
        assert machine.step() == Step()


def test_a_slow_answer_is_not_taken_for_a_step() -> None:
    machine = Machine(answers_in_s=45)
    assert machine.step() == Step()
    assert machine.clock.skew() == NOTHING


def test_a_machine_whose_own_clock_is_off_is_told_until_it_is_back(machine: Machine) -> None:
    machine.wall -= 2 * MINUTE
    assert machine.step() == Step()
    assert machine.clock.skew() == -2 * MINUTE
    machine.wall += 2 * MINUTE - timedelta(seconds=20)
    machine.step()
    assert machine.clock.skew() == NOTHING


@pytest.mark.parametrize(("by", "least"), [(MINUTE, NOTHING), (HOUR, 58 * MINUTE)])
def test_after_a_week_two_clocks_may_differ_by_as_much_as_clocks_drift(
    by: timedelta, least: timedelta
) -> None:
    last = Reading(at=START, before_s=1000.0, after_s=1000.0, counter="one")
    machine = Machine(counter="one")
    machine.wait(timedelta(days=7))
    machine.told += by
    machine.clock.resume(last)
    assert least <= machine.clock.take_step().beyond <= 60 * least
    assert (machine.clock.now(), machine.clock.take_step()) == (machine.told, Step())


def test_shortly_after_a_start_what_is_sent_goes_by_the_time_before_a_jump_that_nobody_saw() -> None:
    last = Reading(at=START, before_s=1000.0, after_s=1000.0, counter="one")
    machine = Machine(counter="one")
    machine.wait(MINUTE)
    machine.told += HOUR
    machine.clock.resume(last)
    assert abs(machine.told - HOUR - machine.clock.settled_now()) < timedelta(seconds=1)


@pytest.mark.skipif(not BOOT.exists(), reason="only Linux names its boots")
def test_processes_of_one_machine_count_the_same_seconds() -> None:
    words = "from scheduler.store.clock import counter, elapsed_s; print(counter(), elapsed_s())"
    told = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    name, seconds = told.stdout.split()
    assert name == counter()
    assert 0 <= elapsed_s() - float(seconds) < PATIENCE_S
