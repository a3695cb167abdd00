"""Fixtures for every test: the runtime on SQLite and on PostgreSQL, a clock moved by hand, the sandbox."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings as examples

from config.settings import Settings, load_settings
from connectors.sandbox import SandboxServer
from scheduler.services.runtime import Runtime
from scheduler.store import migrations
from scheduler.store.engine import using_database
from scheduler.testing import FakeClock
from tests.compiling import compile_once
from tests.servers.copies import Copies
from tests.servers.postgres import Postgres
from workers.bootstrap import open_runtime, set_up

pytest_plugins = ["tests.servers.fixtures", "tests.e2e.fixtures"]

examples.register_profile("thorough", max_examples=400)
compile_once()

START = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> FakeClock:
    """Monday 16 November 2026, 08:00 UTC, until it is moved."""
    return FakeClock(START)


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, to be copied: making them takes longer than most tests."""
    path = tmp_path_factory.mktemp("tables") / "postroad.db"
    _make_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_tables(postgres_server: Postgres) -> Copies:
    """Databases with all tables, lent to one test after the other."""
    _make_tables(postgres_server.create_database("tables"))
    return Copies(server=postgres_server, template="tables")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind: with its tables where the test asks for a runtime, empty elsewhere."""
    filled = "runtime" in request.fixturenames
    if request.param == "sqlite":
        path = tmp_path / "postroad.db"
        if filled:
            shutil.copyfile(request.getfixturevalue("sqlite_tables"), path)
        yield f"sqlite:///{path}"
        return
    if filled:
        copies: Copies = request.getfixturevalue("postgres_tables")
        with copies.lend() as url:
            yield url
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    name = f"t{abs(hash(request.node.nodeid)):x}"
    yield server.create_database(name)
    server.drop_database(name)


@pytest.fixture
def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of an installation of its own, also in the environment for child processes."""
    values = {"DATA": str(tmp_path / "data"), "DATABASE_URL": database_url, "MEMBER": "Lin"}
    for name, value in values.items():
        monkeypatch.setenv(f"POSTROAD_{name}", value)
    return load_settings()


@pytest.fixture
def runtime(settings: Settings, clock: FakeClock) -> Iterator[Runtime]:
    """A set-up installation on each kind of database; the member Lin is its admin."""
    set_up(settings)
    runtime = open_runtime(settings, clock=clock)
    yield runtime
    runtime.close()


@pytest.fixture
def sandbox(clock: FakeClock) -> Iterator[SandboxServer]:
    """The sandbox network, its time following the clock's start."""
    with SandboxServer(seed=1) as server:
        server.control.set_clock(clock.now())
        yield server


def _make_tables(url: str) -> None:
    with using_database(url) as engine:
        migrations.upgrade(engine)
