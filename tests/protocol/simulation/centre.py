"""A centre whose planner and workers run under faults: what may happen to it, each thing as a method."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from connectors.capabilities import Idempotency
from connectors.contract import Connector
from scheduler.core.lateness import Lateness
from scheduler.core.problems import Refused
from scheduler.core.states import State
from scheduler.services import planning
from scheduler.services.members import find_member
from scheduler.services.planning import HintLost
from scheduler.services.recalling import recall
from scheduler.services.releasing import release
from scheduler.services.resolving import resolve_absent, resolve_published, send_again
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.tables import Delivery, Pause, Post
from scheduler.testing import FakeClock, add_channel, add_delivery
from tests.protocol.simulation.crashing import Crash, Weather
from tests.protocol.simulation.platform import Platform, SimulatedConnector, connector, url_of

NESTED = 2


@dataclass(slots=True)
class Hints:
    """A broker that loses hints, doubles them and gives them in any order."""

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

    def take(self) -> list[int]:
        """Any one of the hints."""
        return self.waiting.pop(self.chance.randrange(len(self.waiting)))


class Centre:
    """Rows, platforms, processes and people; every choice comes from one seed."""

    def __init__(self, runtime: Runtime, clock: FakeClock, chance: Random) -> None:
        self.clock, self.chance = clock, chance
        self.texts: dict[int, tuple[Idempotency, str]] = {}
        self.unapproved: set[int] = set()
        self.recalled: set[int] = set()
        self.paused: set[Idempotency] = set()
        self.crashes = self.depth = 0
        self.hints = Hints(chance)
        self.weather = Weather(chance, meanwhile=self._meanwhile, enter=self._enter)
        self.connectors = {kind: connector(kind, chance, clock.now) for kind in Idempotency}
        shown: dict[str, Connector] = {one.capabilities.platform: one for one in self.connectors.values()}
        self.calm = replace(runtime, connectors=shown, network=self.weather)
        self.stormy = replace(self.calm, begin=self.weather.transactions(runtime.begin))
        self.channels = {kind: self._channel(one) for kind, one in self.connectors.items()}

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
        text = f"text {len(self.texts)} on {kind}"
        due_at = self.clock.now() + timedelta(seconds=in_s)
        delivery = add_delivery(
            self.calm,
            self.channels[kind],
            text,
            due_at=due_at,
            lateness=lateness,
            approved=approved,
            uid=f"{self.chance.getrandbits(128):032x}",
        )
        self.texts[delivery] = (kind, text)
        if not approved:
            self.unapproved.add(delivery)
        return delivery

    def tick(self) -> None:
        """A planner looks at the clock; it may die of it."""
        chunk, ahead = self.chance.choice((1, 5, 50)), timedelta(seconds=self.chance.choice((0, 2)))
        self._run(lambda: planning.tick(self.stormy, self.hints, chunk=chunk, ahead=ahead))

    def work(self) -> None:
        """A worker attends to some hint; it may die of it."""
        if self.hints.waiting:
            hint = self.hints.take()
            self._run(lambda: planning.attend(self.stormy, hint))

    def pause(self, kind: Idempotency) -> None:
        """Pause a platform, as a person would."""
        with self.calm.begin() as session:
            pause = Pause(organisation_id=self.calm.organisation_id, scope="platform", reason="", member_id=1)
            pause.value, pause.paused_at = self.connectors[kind].capabilities.platform, self.clock.now()
            session.add(pause)
        self.paused.add(kind)

    def resume(self) -> None:
        """Resume everything."""
        with self.calm.begin() as session:
            session.execute(update(Pause).values(resumed_at=self.clock.now()))
        self.paused.clear()

    def withdraw(self, delivery: int) -> None:
        """Withdraw the approval of a delivery, whatever its state."""
        with self.calm.begin() as session:
            session.execute(update(Delivery).where(Delivery.id == delivery).values(approved_hash=None))
        self.unapproved.add(delivery)

    def cancel(self, delivery: int) -> None:
        """Try to cancel a delivery."""
        with self.calm.begin() as session:
            deliveries.cancel(session, [delivery], reason="no longer wanted", now=self.clock.now())

    def recall(self, delivery: int) -> None:
        """Take a delivery back, wherever it is."""
        with self.calm.begin() as session:
            post = session.scalars(select(Post.ref).join(Delivery).where(Delivery.id == delivery)).one()
        self.recalled.add(delivery)
        recall(self.calm, [post], reason="no longer true", by=find_member(self.calm, "Lin"))

    def resolve(self, delivery: int) -> None:
        """A person tells what is seen of a doubtful delivery, once nothing of it is under way."""
        kind, text = self.texts[delivery]
        platform, by = self.platform(kind), find_member(self.calm, "Lin")
        seen = [post for post in platform.posts if post.text == text]
        with suppress(Refused):
            if seen:
                resolve_published(self.calm, delivery, url_of(seen[0]), reason="seen", by=by)
            elif not platform.under_way(text):
                word = self.chance.choice((resolve_absent, send_again))
                word(self.calm, delivery, reason="not there", by=by)

    def release_held(self) -> None:
        """A person lets everything held go on."""
        with self.calm.begin() as session:
            held = list(session.scalars(select(Delivery.id).where(Delivery.state == State.HELD)))
        release(self.calm, held, by=find_member(self.calm, "Lin"))

    def settle(self, *, hours: int = 30) -> None:
        """The platforms answer again, nobody dies: go on until nothing moves or the hours are over."""
        self.storm(faults=0, crashes=0)
        self.resume()
        self.release_held()
        ends = self.clock.now() + timedelta(hours=hours)
        steps = [timedelta(seconds=30)] * 12 + [timedelta(minutes=5)] * 12 + [timedelta(hours=1)] * hours
        for step in steps:
            self.tick()
            while self.hints.waiting:
                self.work()
            self.clock.advance(step)
        self.clock.set(max(ends, self.clock.now()))

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
        for kind, one in self.connectors.items():
            texts = {text for delivery, (of, text) in self.texts.items() if self._forbids(delivery, of, kind)}
            one.platform.forbidden = frozenset(texts)

    def _forbids(self, delivery: int, of: Idempotency, kind: Idempotency) -> bool:
        return of is kind and (delivery in self.unapproved | self.recalled or kind in self.paused)

    def _meanwhile(self) -> None:
        """While this process waits: time passes, leases lapse, others work, people change their minds."""
        if self.depth > NESTED or self.chance.random() >= self.weather.crash_rate:
            return
        self.clock.advance(timedelta(seconds=self.chance.choice((1, 20, 400))))
        forbidden = {kind: one.platform.forbidden for kind, one in self.connectors.items()}
        if self.chance.random() < 0.2:
            self.withdraw(self.chance.choice(list(self.texts)))
        elif self.chance.random() < 0.2:
            self.pause(self.chance.choice(list(Idempotency)))
        self.tick()
        self.work()
        for kind, texts in forbidden.items():
            self.platform(kind).forbidden = texts
