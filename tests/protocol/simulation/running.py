"""Rounds of the simulation: each from its own seed, on a database of its own."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sqlalchemy import select

from config.settings import Settings
from connectors.capabilities import Idempotency
from scheduler.core.lateness import Lateness
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Delivery, Organisation
from scheduler.testing import FakeClock
from tests.protocol.simulation.centre import Centre
from tests.protocol.simulation.judging import breaches
from workers.bootstrap import open_runtime, set_up

START = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
A_ROUND = 200
IN_MEMORY = next((path for path in ("/dev/shm",) if Path(path).is_dir()), None)  # noqa: S108 - a memory disk
FAULTS, CRASHES = 0.25, 0.02


@dataclass(slots=True)
class Result:
    """What rounds came to; `states` counts (class, state)."""

    deliveries: int = 0
    crashes: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    states: Counter[tuple[str, str]] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)

    def add(self, other: "Result") -> None:
        """Count another round in."""
        self.deliveries += other.deliveries
        self.crashes += other.crashes
        self.faults += other.faults
        self.states += other.states
        self.breaches += other.breaches


def rounds(seed: int, deliveries: int) -> Iterator[Result]:
    """The results of as many rounds as it takes; round `n` of seed `s` is the first round of seed `s + n`."""
    for number in range(max(1, deliveries // A_ROUND)):
        with TemporaryDirectory(dir=IN_MEMORY) as folder, sqlite_runtime(Path(folder)) as (runtime, clock):
            yield play(Centre(runtime, clock, seeded(seed + number)), seed + number, A_ROUND)


def seeded(seed: int) -> Random:
    """Every choice of a round comes from here."""
    return Random(seed)  # noqa: S311 - a repeatable choice of faults, no secret


def play(centre: Centre, seed: int, deliveries: int) -> Result:
    """One round: plan, storm, calm, judge."""
    for _ in range(deliveries):
        _plan(centre)
    centre.storm(faults=FAULTS, crashes=CRASHES)
    for _ in range(deliveries * 2):
        _happen(centre)
    crashes = centre.crashes
    centre.settle()
    result = Result(deliveries=deliveries, crashes=crashes, states=_states(centre))
    for one in centre.connectors.values():
        result.faults += one.platform.happened
    result.breaches = [f"seed {seed}: {breach}" for breach in breaches(centre)]
    return result


@contextmanager
def sqlite_runtime(folder: Path) -> Iterator[tuple[Runtime, FakeClock]]:
    """A runtime on an empty SQLite database in the folder, and its clock."""
    settings = Settings.model_validate({"data": folder, "member": "Lin"})
    clock = FakeClock(START)
    set_up(settings)
    runtime = open_runtime(settings, clock=clock)
    with runtime.begin() as session:
        session.scalars(select(Organisation)).one().uid = "simulated"
    try:
        yield runtime, clock
    finally:
        runtime.close()


def _plan(centre: Centre) -> None:
    chance = centre.chance
    centre.plan(
        chance.choice(list(Idempotency)),
        in_s=chance.randrange(7200),
        lateness=chance.choice(list(Lateness)),
        approved=chance.random() > 0.03,
    )


def _happen(centre: Centre) -> None:
    """One of the things that happen to a centre."""
    chance = centre.chance
    luck = chance.random()
    if luck < 0.4:
        centre.tick()
    elif luck < 0.9:
        centre.work()
    elif luck < 0.93:
        centre.cancel(chance.choice(list(centre.texts)))
    elif luck < 0.95:
        centre.withdraw(chance.choice(list(centre.texts)))
    elif luck < 0.96:
        centre.pause(chance.choice(list(Idempotency)))
    elif luck < 0.97:
        centre.recall(chance.choice(list(centre.texts)))
    elif luck < 0.98:
        centre.resume()
        centre.resolve(chance.choice(list(centre.texts)))
    else:
        centre.release_held()
    centre.clock.advance(timedelta(seconds=chance.choice((1, 10, 60, 200))))


def _states(centre: Centre) -> Counter[tuple[str, str]]:
    with centre.calm.begin() as session:
        rows = session.execute(select(Delivery.id, Delivery.state))
        return Counter((str(centre.texts[id_][0]), state) for id_, state in rows)
