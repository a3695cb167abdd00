"""An installation of many processes that can be disturbed one by one, and the platforms it publishes to."""

import os
import signal
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from config.settings import Settings, load_settings
from connectors.sandbox.control import SandboxAccount, SandboxControl
from scheduler.core.states import State
from scheduler.services.members import add_member, find_member
from scheduler.services.runtime import Runtime
from scheduler.services.writing.composing import import_posts
from scheduler.store.deliveries.waiting import FULL
from scheduler.store.tables import Allowance, Delivery, Post, Spending
from scheduler.testing import add_channel
from tests.e2e.installation import Installation
from tests.fire.bursts import CHANNELS, table_of
from tests.fire.kind import Burst, Kind
from tests.fire.member import Member
from tests.servers.ports import accepts, free_port
from tests.servers.postgres import Postgres, postgres
from tests.servers.processes import ServerProcess
from tests.servers.valkey import Valkey, valkey
from workers.bootstrap import open_runtime, set_up

HOME = Path(__file__).resolve().parents[2]
ONE_MIGRATES = threading.Lock()  # alembic keeps its context in the module
LEASE_S = 5
TICK_S = 0.5
CHUNK = 5
ENDED = (State.PUBLISHED, State.REJECTED, State.HELD, State.MISSED, State.CANCELLED)
WAITING = (State.SCHEDULED, State.RETRYING, State.UNCONFIRMED, State.PROCESSING)


@dataclass(slots=True, kw_only=True)
class Fleet:
    """The servers, the processes and the platforms; `burst` is what falls due in this round."""

    installation: Installation
    settings: Settings
    runtime: Runtime
    platforms: ServerProcess
    sandbox: SandboxControl
    accounts: Mapping[str, SandboxAccount]
    planners: Sequence[Member]
    workers: Sequence[Member]
    servers: tuple[Postgres, Valkey] | None = None
    health: str = ""
    serial: int = 0
    _burst: Burst | None = field(default=None, init=False)

    @property
    def burst(self) -> Burst:
        """The burst of this round."""
        assert self._burst, "nothing was approved yet"
        return self._burst

    @property
    def postgres(self) -> Postgres:
        """The database server."""
        assert self.servers, "an embedded installation has no servers"
        return self.servers[0]

    @property
    def valkey(self) -> Valkey:
        """The broker."""
        assert self.servers, "an embedded installation has no servers"
        return self.servers[1]

    @property
    def members(self) -> list[Member]:
        """Every process of the product."""
        return [*self.planners, *self.workers]

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)

    def metric(self, name: str) -> float:
        """The sum of a metric, as the first planner (or `up`) tells it; OSError when it does not."""
        with urllib.request.urlopen(f"http://{self.health}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return sum(
            float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((f"{name}{{", f"{name} "))
        )

    def while_busy(self, *, every_s: float, limit_s: float) -> Iterator[None]:
        """Yield every so often while the burst has not ended, for so long at most."""
        deadline = time.monotonic() + limit_s
        while self.busy() and time.monotonic() < deadline:
            yield
            self.pause(every_s)

    def approve(self, kind: Kind, deliveries: int) -> None:
        """Import and approve the kind's burst; beside it one post nobody approves. Quotas are unspent."""
        with self.runtime.begin() as session:
            session.execute(delete(Spending))
            session.execute(delete(Allowance))
        posts = max(1, round(deliveries / sum(face in kind.platforms for face, _ in CHANNELS)))
        table, burst = table_of(self, kind, posts)
        self.serial += len(burst.posts)
        chief, author = find_member(self.runtime, "Mei"), find_member(self.runtime, "Lin")
        for name, approver in (("approved.csv", chief), ("unapproved.csv", None)):
            rows = [row for row in table if (row["post"] in burst.unapproved) == (approver is None)]
            path = self.installation.write_table(name, rows)
            import_posts(self.runtime, path, author=author, approver=approver)
        self._burst = burst

    def deliveries(self) -> list[Delivery]:
        """The burst's rows as they stand, those that nobody approved left out."""
        wanted = [ref for ref in self.burst.posts if ref not in self.burst.unapproved]
        query = select(Delivery).join(Post).where(Post.ref.in_(wanted)).order_by(Delivery.id)
        with self.runtime.begin() as session:
            return list(session.scalars(query))

    def seen(self) -> int:
        """How many posts of the burst the platforms have shown so far."""
        return sum(entry.effect == "create" for entry in self.sandbox.log(self.burst.since))

    def busy(self) -> bool:
        """Whether a delivery of the burst is not at its end yet and nobody has to decide about it."""
        return bool(self.open_ids())

    def open_ids(self) -> list[int]:
        """The deliveries of the burst that are not at their end, earliest due first."""
        return [row.id for row in sorted(self.deliveries(), key=lambda row: row.due_at) if _open(row)]

    def heal(self) -> None:
        """Servers answer, processes run unarmed, no fault of a platform waits."""
        for server in self.servers or ():
            server.process.send(signal.SIGCONT)
            if not server.process.alive:
                server.process.start()
        with suppress(OSError):
            self.sandbox.clear_faults()
        for member in self.members:
            member.thaw()
            if member.options or not member.alive:
                member.start()

    def forget_hints(self) -> None:
        """What the last round left in the broker would keep the workers busy in the next."""
        if self.servers:
            self.valkey.flush()

    def settle(self, seconds: float) -> None:
        """Work until quiet, for so long at most; what waits for its next try or look has it at once."""
        for _ in self.while_busy(every_s=0.5, limit_s=seconds):
            self.hurry()

    def make_room(self) -> None:
        """Let the windows of quotas be empty, and who waited for them go on: as if a minute had passed.

        Where a disturbance of the database stops this too, nothing changes.
        """
        now = self.runtime.clock.now()
        with suppress(DBAPIError), self.runtime.begin() as session:
            session.execute(delete(Spending))
            session.execute(
                update(Delivery)
                .where(Delivery.state.in_(WAITING), Delivery.reason == FULL, Delivery.due_at <= now)
                .values(next_at=now)
            )

    def hurry(self) -> None:
        """Let the waits of retries, looks and spaced turns be over: as if that time had passed."""
        self.make_room()
        now = self.runtime.clock.now()
        with self.runtime.begin() as session:
            session.execute(
                update(Delivery)
                .where(Delivery.state.in_(WAITING), Delivery.next_at > now, Delivery.due_at <= now)
                .values(next_at=now)
            )


@contextmanager
def fleet(folder: Path, *, seed: int, embedded: bool = False) -> Iterator[Fleet]:
    """A whole fleet in the folder: PostgreSQL, Valkey, two planners, two workers; or `up` on SQLite."""
    with ExitStack() as stack:
        servers = None if embedded else _servers(stack, folder)
        settings = _settings(folder, servers)
        with ONE_MIGRATES:
            set_up(settings)
        runtime = stack.enter_context(closing(open_runtime(settings)))
        platforms, sandbox = _platforms(stack, folder, seed)
        accounts = _connect(runtime, sandbox)
        environment, health = _environment(settings), f"127.0.0.1:{free_port()}"
        members = [
            Member(name=name, command=command, folder=folder, environment=environment)
            for name, command in _commands(embedded=embedded)
        ]
        members[0].environment = environment | {"POSTROAD_HEALTH_LISTEN": health}
        for member in members:
            stack.callback(member.kill)
        yield Fleet(
            installation=Installation(folder=folder, environment=environment, processes=()),
            settings=settings,
            runtime=runtime,
            platforms=platforms,
            sandbox=sandbox,
            accounts=accounts,
            planners=[one for one in members if not one.name.startswith("worker")],
            workers=[one for one in members if one.name.startswith("worker")],
            servers=servers,
            health=health,
        )


def memory_mib(member: Member) -> float:
    """The resident memory of a living process."""
    return float(psutil.Process(member.pid).memory_info().rss) / (1 << 20)


def _open(row: Delivery) -> bool:
    """Not ended; in doubt only while there is a next look."""
    if row.state == State.UNCONFIRMED:
        return row.next_at is not None
    return row.state not in ENDED


def _servers(stack: ExitStack, folder: Path) -> tuple[Postgres, Valkey]:
    return stack.enter_context(postgres(folder)), stack.enter_context(valkey(folder))


def _settings(folder: Path, servers: tuple[Postgres, Valkey] | None) -> Settings:
    wanted: dict[str, Any] = {"data": folder / "data", "member": "Lin", "time_zone": "UTC"}
    if servers:
        wanted |= {"database_url": servers[0].create_database("fire"), "redis_url": servers[1].url}
    return load_settings(**wanted, lease_s=LEASE_S, tick_s=TICK_S, chunk=CHUNK)


def _environment(settings: Settings) -> dict[str, str]:
    told = {
        "DATA": str(settings.data),
        "MEMBER": "Lin",
        "TIME_ZONE": "UTC",
        "LEASE_S": str(settings.lease_s),
        "TICK_S": str(settings.tick_s),
        "CHUNK": str(settings.chunk),
    }
    if settings.broker:
        told |= {"DATABASE_URL": settings.database, "REDIS_URL": settings.broker}
    ours = {f"POSTROAD_{name}": value for name, value in told.items()}
    return ours | {"PYTHONPATH": os.pathsep.join([str(HOME), *filter(None, sys.path)]), "LANG": "C.UTF-8"}


def _platforms(stack: ExitStack, folder: Path, seed: int) -> tuple[ServerProcess, SandboxControl]:
    port = free_port()
    process = ServerProcess(
        name="platforms",
        arguments=[sys.executable, "-m", "tests.fire.platforms", str(port), str(seed)],
        folder=folder,
        ready=lambda: accepts(port),
        environment={"PYTHONPATH": str(HOME)},
    )
    stack.enter_context(process)
    return process, SandboxControl(f"http://127.0.0.1:{port}")


def _connect(runtime: Runtime, sandbox: SandboxControl) -> dict[str, SandboxAccount]:
    """A channel for each of CHANNELS, its account by the channel's name."""
    add_member(runtime, "Mei", "reviewer", by=find_member(runtime, "Lin"))
    accounts = {}
    for face, language in CHANNELS:
        name = f"{face}-{language.lower()}"
        account = accounts[name] = sandbox.create_account(face, name)
        add_channel(
            runtime,
            account.platform,
            base_url=account.base_url,
            handle=account.handle,
            secret=account.secret,
            name=name,
            language=language,
        )
    return accounts


def _commands(*, embedded: bool) -> list[tuple[str, tuple[str, ...]]]:
    if embedded:
        return [("up", ("up",))]
    worker = ("worker", "--threads", "2")
    return [
        ("planner-1", ("planner",)),
        ("planner-2", ("planner",)),
        ("worker-1", worker),
        ("worker-2", worker),
    ]
