"""A jump of the clock sends nothing early and loses nothing, whoever sees it first and whenever one dies."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import product

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from connectors.sandbox import SandboxServer
from scheduler.core.roles import Person
from scheduler.services.delivery import planning, stepping
from scheduler.services.runtime import Runtime
from scheduler.store.clock import WatchedClock
from scheduler.testing import FakeClock, RecordingDispatcher, add_delivery
from tests.services.working import Death, connect_face, live

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
AHEAD = 2 * SECOND


@dataclass(slots=True)
class World:
    """The database's clock, and the seconds that truly go by."""

    told: datetime
    passed_s: float = 1000.0

    def wait(self, seconds: float) -> None:
        """Time goes by."""
        self.told += timedelta(seconds=seconds)
        self.passed_s += seconds


class Reader(WatchedClock):
    """What one process knows of the clock; its sleep is everybody's."""

    def __init__(self, world: World, *, machine: str = "one") -> None:
        self._world = world
        super().__init__(
            lambda: world.told,
            again_s=10,
            wall=lambda: world.told,
            elapsed=lambda: world.passed_s,
            counter=machine,
        )

    def sleep(self, seconds: float) -> None:
        """Let them go by for all."""
        self._world.wait(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow:
    """What befalls who first sees the jump: at which of its transactions from then on, and how."""

    at: int
    committed: bool
    deadly: bool


@dataclass(slots=True)
class Process:
    """A process with its own knowledge of the time, which may meet a blow once."""

    runtime: Runtime
    clock: Reader
    blow: Blow | None = None
    jumped_at: datetime | None = None
    alive: bool = True
    met: int = 0
    hints: RecordingDispatcher = field(default_factory=RecordingDispatcher)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction, or what becomes of one that meets its blow."""
        with self.runtime.begin() as session:
            yield session
            self._suffer(committed=False)
        self._suffer(committed=True)

    def _suffer(self, *, committed: bool) -> None:
        if self.blow is None or self.jumped_at is None or self.clock.now() < self.jumped_at:
            return
        self.met += not committed
        if (self.met, committed) == (self.blow.at, self.blow.committed):
            self.alive = not self.blow.deadly
            raise Death if self.blow.deadly else OperationalError("COMMIT", None, ConnectionError("cut"))

    def as_runtime(self, name: str) -> Runtime:
        """What the services are handed."""
        return replace(self.runtime, clock=self.clock, worker=name, begin=self.begin)


@dataclass(slots=True)
class Story:
    """Two planners and a worker, of which `first` sees a jump at once and meets `blow`."""

    runtime: Runtime
    world: World
    first: str
    blow: Blow
    processes: dict[str, Process] = field(default_factory=dict)

    def play(self) -> None:
        """Both planners lead or wait, the clock jumps, a good minute goes by, and it is put right."""
        for name in ("leader", "other", "worker"):
            self.processes[name] = Process(self.runtime, Reader(self.world))
        self.go_on(1)
        self.world.told += HOUR
        first = self.processes[self.first]
        first.clock.ask()
        first.jumped_at, first.blow = self.world.told, self.blow
        self.go_on(1, 1, 1, 2, 5, 5, 10, 10, 10, 10, 10, 10)
        self.world.told -= HOUR

    def go_on(self, *steps_s: int) -> None:
        """Let everybody work, then so many seconds go by; a worker that died is replaced."""
        for step_s in steps_s:
            for name in ("leader", "other"):
                self._round(name)
            self.world.wait(step_s)

    def _round(self, name: str) -> None:
        planner, worker = self.processes[name], self.processes["worker"]
        if not planner.alive:
            return
        with suppress(Death, OperationalError):
            own = planner.as_runtime(name)
            if planning.lead(own):
                planning.tick(own, planner.hints, chunk=100, ahead=AHEAD)
        for hint in planner.hints.hints:
            with suppress(Death, OperationalError):
                planning.attend(worker.as_runtime("worker"), hint)
        planner.hints.hints.clear()


BLOWS = [
    Blow(at=at, committed=committed, deadly=deadly)
    for at, committed, deadly in product((1, 2), (False, True), (False, True))
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("first", ["leader", "other", "worker"])
def test_nothing_is_early_and_nothing_lost_whoever_sees_a_jump_first_and_whenever_it_dies(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock, first: str
) -> None:
    channel = connect_face(runtime, sandbox, "mastodon")
    failed: list[tuple[Blow, dict[str, int]]] = []
    for number, blow in enumerate(BLOWS):
        world = World(clock.now())
        due = {f"{number} in {at_s} s": world.told + timedelta(seconds=at_s) for at_s in (1, 2, 300)}
        for text, due_at in due.items():
            add_delivery(runtime, channel, text, due_at=due_at)
        story = Story(runtime, world, first, blow)
        story.play()
        if any(
            (early := {text: live(sandbox, text) for text, at in due.items() if at > world.told}).values()
        ):
            failed.append((blow, early))
        clock.set(world.told)
        story.go_on(10, 100, 100, 100, 40, 40)
        if (seen := {text: live(sandbox, text) for text in due}) != dict.fromkeys(due, 1):
            failed.append((blow, seen))
        clock.set(world.told)
    assert failed == []


@dataclass(slots=True)
class Restarts:
    """An installation of which only one process is up at a time; each begins where the last one ended."""

    runtime: Runtime
    world: World
    clock: FakeClock

    def process(self, *, machine: str = "one") -> Runtime:
        """A process that has just been started on that machine."""
        begun = replace(self.runtime, clock=Reader(self.world, machine=machine), worker=machine)
        stepping.resume_clock(begun)
        return begun

    def work(self, process: Runtime) -> None:
        """What planner and worker do in a few seconds."""
        for _ in range(3):
            if planning.lead(process):
                planning.tick(process, hints := RecordingDispatcher(), chunk=100)
                for hint in hints.hints:
                    planning.attend(process, hint)
            self.world.wait(20)
            self.clock.set(self.world.told)


@pytest.fixture
def restarts(runtime: Runtime, clock: FakeClock) -> Restarts:
    """The first process planned and ended."""
    restarts = Restarts(runtime, World(clock.now()), clock)
    restarts.work(restarts.process())
    return restarts


@pytest.fixture
def later(restarts: Restarts, runtime: Runtime, sandbox: SandboxServer) -> Callable[[], int]:
    """How often what is due half an hour after the first process ended is live."""
    channel = connect_face(runtime, sandbox, "mastodon")
    add_delivery(runtime, channel, "later", due_at=restarts.world.told + HOUR / 2)
    return lambda: live(sandbox, "later")


def test_a_jump_while_no_process_was_up_holds_all_until_it_is_undone(
    restarts: Restarts, later: Callable[[], int]
) -> None:
    """Seen until 2026-11-23: who started after a jump took the new time for granted, and all went out."""
    restarts.world.told += HOUR
    restarts.work(second := restarts.process())
    assert later() == 0
    jump = stepping.read_clocks(second).jump
    assert jump
    assert abs(jump.by - HOUR) < SECOND
    restarts.world.told -= HOUR
    restarts.work(third := restarts.process())
    assert (later(), stepping.read_clocks(third).jump) == (0, None)
    restarts.world.wait(HOUR.total_seconds() / 2)
    restarts.work(third)
    assert later() == 1


def test_a_jump_that_was_accepted_holds_nothing_at_the_next_start(
    restarts: Restarts, later: Callable[[], int], lin: Person
) -> None:
    restarts.world.told += HOUR
    restarts.work(second := restarts.process())
    stepping.accept(second, reason="the hardware clock was wrong before", by=lin)
    restarts.work(restarts.process())
    assert later() == 1


def test_time_that_went_by_while_no_process_was_up_is_no_jump(
    restarts: Restarts, later: Callable[[], int]
) -> None:
    restarts.world.wait(HOUR.total_seconds())
    restarts.work(second := restarts.process())
    assert (later(), stepping.read_clocks(second).jump) == (1, None)


@pytest.mark.parametrize("machine", ["two", ""])
def test_another_machine_and_one_that_cannot_tell_knows_of_no_jump(
    restarts: Restarts, later: Callable[[], int], machine: str
) -> None:
    """Nor does the same one after a reboot: its seconds begin anew, as when it was off for the weekend."""
    restarts.world.told += HOUR
    restarts.work(second := restarts.process(machine=machine))
    assert (later(), stepping.read_clocks(second).jump) == (1, None)


def test_seconds_that_go_backwards_tell_nothing(restarts: Restarts, later: Callable[[], int]) -> None:
    """As of a machine that was copied while it ran."""
    restarts.world.passed_s -= 2 * HOUR.total_seconds()
    restarts.world.wait(HOUR.total_seconds())
    restarts.work(second := restarts.process())
    assert (later(), stepping.read_clocks(second).jump) == (1, None)


def test_a_machine_that_only_waited_to_lead_knows_of_a_jump_as_well(
    restarts: Restarts, later: Callable[[], int]
) -> None:
    leading, waiting = restarts.process(), restarts.process(machine="two")
    for _ in range(3):
        assert planning.lead(leading)
        assert not planning.lead(waiting)
        restarts.world.wait(10)
    restarts.world.told += HOUR
    restarts.work(restarts.process(machine="two"))
    assert later() == 0


def test_a_jump_that_another_machine_heeded_is_not_told_again(
    restarts: Restarts, later: Callable[[], int], lin: Person
) -> None:
    restarts.work(two := restarts.process(machine="two"))
    restarts.world.told += HOUR
    restarts.work(two)
    stepping.accept(two, reason="it is right", by=lin)
    restarts.work(restarts.process())
    assert (later(), stepping.read_clocks(two).jump) == (1, None)


@pytest.mark.parametrize("committed", [False, True])
def test_who_sees_a_jump_at_its_start_and_dies_leaves_it_to_the_next(
    restarts: Restarts, later: Callable[[], int], committed: bool
) -> None:
    restarts.world.told += HOUR
    blow = Blow(at=1, committed=committed, deadly=True)
    second = restarts.process()
    assert isinstance(second.clock, Reader)
    doomed = Process(second, second.clock, blow, jumped_at=restarts.world.told)
    with suppress(Death):
        planning.lead(doomed.as_runtime("one"))
    restarts.work(third := restarts.process())
    jump = stepping.read_clocks(third).jump
    assert jump
    assert abs(jump.by - HOUR) < SECOND
    assert (doomed.alive, later()) == (False, 0)


def test_a_clock_that_was_set_back_while_no_process_was_up_and_returns_has_not_jumped(
    restarts: Restarts, later: Callable[[], int]
) -> None:
    restarts.world.told -= HOUR
    restarts.work(second := restarts.process())
    restarts.world.told += HOUR
    restarts.work(second)
    assert stepping.read_clocks(second).jump is None
    restarts.world.wait(HOUR.total_seconds() / 2)
    restarts.work(second)
    assert later() == 1


def test_a_jump_that_died_with_a_thread_that_was_to_heed_it_is_found_by_the_next_process(
    restarts: Restarts, later: Callable[[], int]
) -> None:
    second = restarts.process()
    restarts.world.told += HOUR
    second.clock.ask()
    second.clock.take_step()
    assert planning.lead(second)
    planning.tick(second, RecordingDispatcher(), chunk=100)
    restarts.work(third := restarts.process())
    assert (later(), stepping.read_clocks(third).jump is not None) == (0, True)
