"""A jump of the clock sends nothing early and loses nothing, whoever sees it first and whenever one dies."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import product

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from connectors.sandbox import SandboxServer
from scheduler.services.delivery import planning
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

    def __init__(self, world: World) -> None:
        self._world = world
        super().__init__(
            lambda: world.told, again_s=10, wall=lambda: world.told, elapsed=lambda: world.passed_s
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
