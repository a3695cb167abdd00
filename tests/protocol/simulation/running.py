"""Rounds of the simulation: each from its own seed, on a database of its own."""

import gc
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache, partial
from itertools import accumulate, count, takewhile
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.event import listen

from config.settings import Settings, load_settings
from connectors.capabilities import Idempotency
from scheduler.core.lateness import Lateness
from scheduler.services.runtime import Runtime
from scheduler.store.engine import open_database
from scheduler.store.tables import Delivery, Organisation
from scheduler.store.unit_of_work import units_of_work
from scheduler.testing import FakeClock, Planned
from tests.protocol.simulation.judging import breaches
from tests.protocol.simulation.people import Desk
from workers.bootstrap import open_runtime, set_up

START = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
SIZES = (250, 2500, 1000, 2500)
EVENTS = 320
DATABASE = "postroad.db"
IN_MEMORY = next((path for path in ("/dev/shm",) if Path(path).is_dir()), None)  # noqa: S108 - a memory disk
FAULTS, CRASHES = 0.25, 0.02


@dataclass(slots=True)
class Result:
    """What rounds came to; `states` counts (class, state), `happened` what people did."""

    rounds: int = 0
    deliveries: int = 0
    crashes: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    states: Counter[tuple[str, str]] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)

    def add(self, other: "Result") -> None:
        """Count another round in."""
        self.rounds += other.rounds
        self.deliveries += other.deliveries
        self.crashes += other.crashes
        self.faults += other.faults
        self.states += other.states
        self.happened += other.happened
        self.breaches += other.breaches


def rounds(
    folder: Path, seed: int, deliveries: int, *, spread: Callable[..., Iterator[Result]] = map
) -> Iterator[Result]:
    """The results of rounds of at least so many deliveries; each seed has its own, the same in any run.

    They are played in the folder; `spread` does what `map` does, in this process or in others.
    """
    sizes = accumulate(map(size_of, count(seed)))
    number = 1 + sum(1 for _ in takewhile(lambda size: size < deliveries, sizes))
    return spread(partial(play_somewhere, folder), range(seed, seed + number))


def size_of(seed: int) -> int:
    """How many deliveries the round of this seed has: a few are seldom in each other's way, many often."""
    return SIZES[seed % len(SIZES)]


def play_somewhere(folder: Path, seed: int) -> Result:
    """The round of this seed in a place of this process in the folder, empty before and afterwards."""
    place = folder / str(os.getpid())
    try:
        result = play_alone(place, seed, size_of(seed))
    finally:
        shutil.rmtree(place)
    gc.collect()
    return result


def play_alone(folder: Path, seed: int, deliveries: int) -> Result:
    """One round on a SQLite database of its own in the folder, a restored backup among what happens."""
    with sqlite_runtime(folder) as (runtime, clock):
        files = folder / DATABASE, folder / "backup.db"
        return play(Desk(runtime, clock, seeded(seed)), seed, deliveries, files=files)


def seeded(seed: int) -> Random:
    """Every choice of a round comes from here."""
    return Random(seed)  # noqa: S311 - a repeatable choice of faults, no secret


def play(centre: Desk, seed: int, deliveries: int, *, files: tuple[Path, Path] | None = None) -> Result:
    """One round: plan, storm, calm, judge. With `files`, the database and its copy, a backup is put back."""
    events = min(EVENTS, 2 * deliveries)
    centre.plan_all([_intended(centre, within_s=60 * events) for _ in range(deliveries)])
    centre.storm(faults=FAULTS, crashes=CRASHES)
    saved_at, restored_at = sorted(centre.chance.randrange(events) for _ in range(2))
    for event in range(events):
        if files and event == saved_at:
            centre.save(*files)
        (happening,) = centre.chance.choices(list(HAPPENINGS), list(HAPPENINGS.values()))
        happening(centre)
        if files and event == restored_at:
            centre.restore(*reversed(files))
        centre.clock.advance(timedelta(seconds=centre.chance.choice((1, 10, 60, 200))))
    crashes = centre.crashes
    centre.settle()
    result = Result(
        rounds=1, deliveries=deliveries, crashes=crashes, states=_states(centre), happened=centre.happened
    )
    for one in centre.connectors.values():
        result.faults += one.platform.happened
    result.breaches = [f"seed {seed}: {breach}" for breach in breaches(centre)]
    return result


@contextmanager
def sqlite_runtime(folder: Path) -> Iterator[tuple[Runtime, FakeClock]]:
    """A runtime on an empty SQLite database in the folder, and its clock."""
    for name, content in _set_up_once().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    settings, clock = _settings(folder), FakeClock(START)
    runtime = open_runtime(settings, clock=clock)
    engine = _engine(settings.database)
    try:
        yield replace(runtime, begin=units_of_work(engine)), clock
    finally:
        engine.dispose()
        runtime.close()


@cache
def _set_up_once() -> Mapping[Path, bytes]:
    """The files of a new installation, by where they are in its folder."""
    with TemporaryDirectory(dir=IN_MEMORY) as name:
        folder = Path(name)
        set_up(_settings(folder))
        engine = open_database(_settings(folder).database)
        with units_of_work(engine)() as session:
            session.scalars(select(Organisation)).one().uid = "simulated"
        engine.dispose()
        return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def _settings(folder: Path) -> Settings:
    return load_settings(data=folder, database_url=None, key_file=None, member="Lin")


@lru_cache(maxsize=1)
def _engine(url: str) -> Engine:
    """The same for all rounds of a process, because it knows the statements it has compiled."""
    engine = open_database(url)
    listen(engine, "connect", _survive_no_power_cut)
    return engine


def _survive_no_power_cut(connection: Any, _record: object) -> None:
    """A process that dies here leaves what it wrote: the disk need not be waited for."""
    connection.execute("PRAGMA synchronous=OFF")


def _intended(centre: Desk, *, within_s: int) -> tuple[Idempotency, Planned]:
    chance = centre.chance
    return centre.intend(
        chance.choice(list(Idempotency)),
        in_s=chance.randrange(within_s),
        lateness=chance.choice(list(Lateness)),
        approved=chance.random() > 0.03,
    )


def _one(centre: Desk) -> int:
    return centre.chance.choice(list(centre.texts))


HAPPENINGS: dict[Callable[[Desk], None], int] = {
    Desk.tick: 35,
    Desk.work: 20,
    Desk.work_on: 27,
    lambda centre: centre.cancel(_one(centre)): 3,
    lambda centre: centre.withdraw(_one(centre)): 2,
    lambda centre: centre.pause(centre.chance.choice(list(Idempotency))): 2,
    lambda centre: centre.recall(*(_one(centre) for _ in range(5))): 3,
    Desk.resolve_some: 3,
    Desk.resume: 3,
    Desk.release_held: 2,
    Desk.jump_clock: 1,
    Desk.stand_still: 1,
}


def _states(centre: Desk) -> Counter[tuple[str, str]]:
    with centre.calm.begin() as session:
        rows = session.execute(select(Delivery.id, Delivery.state))
        return Counter((str(centre.texts[id_][0]), state) for id_, state in rows)
