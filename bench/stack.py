"""An installation on PostgreSQL, Valkey and processes of its own."""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import redis
import yaml

from bench.image import BYTECODE, POSTROAD, as_in_image
from bench.instant import INSTANT, connector, register
from config.settings import PREFIX, load_settings
from scheduler.services.runtime import Runtime
from tests.house_rules.sources import HOME
from tests.servers.postgres import Postgres, postgres
from tests.servers.processes import ServerProcess
from tests.servers.valkey import Valkey, valkey
from workers.bootstrap import open_runtime, set_up

MEMBER = "Lin"
PATIENCE_S = 240.0
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""As PostgreSQL comes: what is committed is on the disk. Tests do without."""


def tuning() -> dict[str, str]:
    """What docker-compose.yml tells PostgreSQL where the operator says nothing else, by setting."""
    composed = yaml.safe_load((HOME / "docker-compose.yml").read_text(encoding="utf-8"))
    options = " ".join(composed["services"]["postgres"]["command"])
    return dict(re.findall(r"--(\w+)=(?:\$\{\w+:-)?(\w+)", options))


class TooSlow(Exception):
    """What a benchmark waits for did not come about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The servers, and the runtime of an installation on them; `environment` is for its processes."""

    folder: Path
    postgres: Postgres
    valkey: Valkey
    runtime: Runtime
    environment: Mapping[str, str]

    def process(self, name: str, *arguments: str | Path, **environment: str) -> ServerProcess:
        """One process, its log in the folder."""
        return ServerProcess(
            name=name,
            arguments=arguments,
            folder=self.folder,
            ready=lambda: True,
            environment={**self.environment, **environment},
        )

    @contextmanager
    def publishing(self, *, workers: int = 2, **environment: str) -> Iterator["Members"]:
        """A planner and workers that are up and waiting for hints."""
        names = ["planner", *(f"worker-{number}" for number in range(workers))]
        with ExitStack() as running:
            for name in names:
                command = name.partition("-")[0]
                running.enter_context(self.process(name, POSTROAD, command, **environment))
            wait_until(lambda: listeners(self.valkey) >= workers)
            yield Members(planners=_commands("planner"), workers=_commands("worker"), broker=_brokers())

    def ask(self, question: str, *values: object) -> tuple[float, ...]:
        """The first row of a query, its numbers as floats, NULL as 0."""
        url = self.runtime_url.replace("+psycopg", "")
        with psycopg.connect(url) as connection:
            row = connection.execute(question.encode(), values or None).fetchone()
        return tuple(float(str(value or 0)) for value in row or ())

    @property
    def runtime_url(self) -> str:
        """Where the database is."""
        return self.environment[f"{PREFIX}DATABASE_URL"]

    def published(self) -> int:
        """How many deliveries are recorded as published."""
        return int(self.ask("select count(*) from delivery where phase = 'published'")[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The processes of an installation that publishes."""

    planners: Sequence[psutil.Process]
    workers: Sequence[psutil.Process]
    broker: Sequence[psutil.Process]


@contextmanager
def stack(*, durable: bool = False, **settings: str) -> Iterator[Stack]:
    """Everything new and empty in a folder that is gone afterwards; `settings` are names of Settings."""
    with TemporaryDirectory(prefix="postroad-bench-") as name, ExitStack() as running:
        folder = Path(name)
        database = running.enter_context(postgres(folder, {**tuning(), **(DURABLE if durable else {})}))
        broker = running.enter_context(valkey(folder))
        values = {
            "data": str(folder / "data"),
            "database_url": database.create_database("bench"),
            "redis_url": broker.url,
            "member": MEMBER,
            **settings,
        }
        environment = {f"{PREFIX}{key.upper()}": value for key, value in values.items()}
        ready = load_settings(**values)
        set_up(ready)
        runtime = open_runtime(ready)
        running.callback(runtime.close)
        installed = Stack(
            folder=folder,
            postgres=database,
            valkey=broker,
            runtime=replace(runtime, connectors={**runtime.connectors, INSTANT: connector}),
            environment={**environment, **register(folder), **as_in_image()},
        )
        if not BYTECODE.exists():
            _compile(installed)
        yield installed


def _compile(installed: Stack) -> None:
    """Let others load everything first: who compiles keeps 5 MB of it, and the image has it compiled."""
    with installed.publishing(workers=1):
        pass


def wait_until(holds: Callable[[], bool], *, within_s: float = PATIENCE_S, every_s: float = 0.2) -> None:
    """Return once it holds; TooSlow when it does not in time."""
    ends = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > ends:
            raise TooSlow(f"waited {within_s:.0f} s in vain")
        time.sleep(every_s)


def listeners(server: Valkey) -> int:
    """How many workers wait for a message."""
    with redis.Redis.from_url(server.url) as client:
        return sum(one["cmd"] == "brpop" for one in client.client_list())


def _commands(name: str) -> list[psutil.Process]:
    """Our child processes that run this command of Postroad."""
    return [child for child in _children() if [str(POSTROAD), name] == child.cmdline()[1:3]]


def _brokers() -> list[psutil.Process]:
    return [child for child in _children() if child.name() in ("valkey-server", "redis-server")]


def _children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)
