"""A centre whose planner and workers run under faults; what its people do is in people.py."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from sqlalchemy.exc import OperationalError

from connectors.capabilities import Idempotency
from connectors.contract import Connector
from scheduler.core.lateness import Lateness
from scheduler.services.delivery import planning
from scheduler.services.delivery.planning import HintLost
from scheduler.services.runtime import Runtime
from scheduler.testing import FakeClock, Planned, add_channel, add_deliveries
from tests.protocol.simulation.crashing import Crash, Weather
from tests.protocol.simulation.platform import Platform, SimulatedConnector, connector

NESTED = 2
CHUNKS = (2, 20, 100)
KEPT = 60


@dataclass(slots=True)
class Hints:
    """A broker that loses hints, doubles them and gives them in any order; it has room for KEPT of them."""

    chance: Random
    loss_rate: float = 0.0
    waiting: list[list[int]] = field(default_factory=list)

    def announce(self, delivery_ids: Sequence[int]) -> None:
        """Keep the hint, twice, once or not at all; now and then the broker is away."""
        luck = self.chance.random()
        if luck < self.loss_rate / 4:
            raise HintLost("the broker is away")
        copies = 0 if luck < self.loss_rate else 2 if luck < 2 * self.loss_rate else 1
        self.waiting += [list(delivery_ids)] * copies
        while len(self.waiting) > KEPT:
            self.take()

    def take(self) -> list[int]:
        """Any one of the hints."""
        return self.waiting.pop(self.chance.randrange(len(self.waiting)))


class Centre:
    """Rows, platforms, processes and people; every choice comes from one seed."""

    def __init__(self, runtime: Runtime, clock: FakeClock, chance: Random) -> None:
        self.clock, self.chance = clock, chance
        self.texts: dict[int, tuple[Idempotency, str]] = {}
        self.written: dict[Idempotency, set[str]] = {kind: set() for kind in Idempotency}
        self.unapproved: set[int] = set()
        self.recalled: set[int] = set()
        self.closed: set[int] = set()
        self.paused: set[Idempotency] = set()
        self.happened: Counter[str] = Counter()
        self.crashes = self.depth = self.planned = 0
        self.chunks: tuple[int, ...] = CHUNKS
        self.hints = Hints(chance)
        self.weather = Weather(chance, meanwhile=self._meanwhile, enter=self._enter)
        self.off = timedelta(0)
        self.connectors = {kind: connector(kind, chance, self.true_now) for kind in Idempotency}
        shown: dict[str, Connector] = {one.capabilities.platform: one for one in self.connectors.values()}
        self.calm = replace(runtime, connectors=shown, network=self.weather)
        self.stormy = replace(self.calm, begin=self.weather.transactions(runtime.begin))
        self.channels = {kind: self._channel(one) for kind, one in self.connectors.items()}

    def true_now(self) -> datetime:
        """The time platforms live by, whatever the centre's clock says."""
        return self.clock.now() - self.off

    def platform(self, kind: Idempotency) -> Platform:
        """The platform of this class."""
        return self.connectors[kind].platform

    def storm(self, *, faults: float, crashes: float) -> None:
        """Set how often platforms fail, and how often processes die."""
        for one in self.connectors.values():
            one.platform.fault_rate = faults
        self.weather.crash_rate, self.hints.loss_rate = crashes, min(4 * crashes, 0.3)

    def plan(self, kind: Idempotency, *, in_s: int = 0, lateness: Lateness, approved: bool = True) -> int:
        """A new delivery of a text of its own."""
        return self.plan_all([self.intend(kind, in_s=in_s, lateness=lateness, approved=approved)])[0]

    def intend(
        self, kind: Idempotency, *, in_s: int, lateness: Lateness, approved: bool
    ) -> tuple[Idempotency, Planned]:
        """What would be planned: a text of its own."""
        text, self.planned = f"text {self.planned} on {kind}", self.planned + 1
        return kind, Planned(
            channel_id=self.channels[kind],
            text=text,
            due_at=self.clock.now() + timedelta(seconds=in_s),
            lateness=lateness,
            approved=approved,
            uid=f"{self.chance.getrandbits(128):032x}",
        )

    def plan_all(self, intended: Sequence[tuple[Idempotency, Planned]]) -> list[int]:
        """New deliveries, in one transaction."""
        made = add_deliveries(self.calm, [planned for _, planned in intended])
        for delivery, (kind, planned) in zip(made, intended, strict=True):
            self.texts[delivery] = (kind, planned.text)
            self.written[kind].add(planned.text)
            if not planned.approved:
                self.unapproved.add(delivery)
        return made

    def tick(self) -> None:
        """A planner looks at the clock; it may die of it."""
        chunk, ahead = self.chance.choice(self.chunks), timedelta(seconds=self.chance.choice((0, 2)))
        self._run(lambda: planning.tick(self.stormy, self.hints, chunk=chunk, ahead=ahead))

    def work(self) -> None:
        """A worker attends to some hint; it may die of it."""
        if self.hints.waiting:
            hint = self.hints.take()
            self._run(lambda: planning.attend(self.stormy, hint))

    def work_on(self) -> None:
        """A worker attends to three hints."""
        for _ in range(3):
            self.work()

    def interfere(self) -> None:
        """What people may do while a process waits: nothing here."""

    def _channel(self, one: SimulatedConnector) -> int:
        platform = one.capabilities.platform
        return add_channel(
            self.calm, platform, base_url="https://platform.invalid", handle=platform, secret={"token": "t"}
        )

    def _run(self, process: Callable[[], object]) -> None:
        """One process up to its end or its death; a lost COMMIT ends its task, as Celery would."""
        forbidden = {kind: one.platform.forbidden for kind, one in self.connectors.items()}
        self.depth += 1
        try:
            process()
        except (Crash, OperationalError):
            self.crashes += 1
        finally:
            self.depth -= 1
            for kind, texts in forbidden.items():
                self.platform(kind).forbidden = texts

    def _enter(self) -> None:
        """The guard has just let these through: what was forbidden until now must not be among them."""
        texts: dict[Idempotency, set[str]] = {kind: set() for kind in self.connectors}
        for kind, text in map(self.texts.__getitem__, self.unapproved | self.recalled | self.closed):
            texts[kind].add(text)
        for kind, one in self.connectors.items():
            one.platform.forbidden = frozenset(self.written[kind] if kind in self.paused else texts[kind])

    def _meanwhile(self) -> None:
        """While this process waits: time passes, leases lapse, others work, people change their minds."""
        if self.depth > NESTED or self.chance.random() >= self.weather.crash_rate:
            return
        self.clock.advance(timedelta(seconds=self.chance.choice((1, 20, 400))))
        forbidden = {kind: one.platform.forbidden for kind, one in self.connectors.items()}
        self.interfere()
        self.tick()
        self.work()
        for kind, texts in forbidden.items():
            self.platform(kind).forbidden = texts
