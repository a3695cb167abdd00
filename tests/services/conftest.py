"""Who acts, and where; and an installation whose database is put back to an earlier day."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from connectors.sandbox import SandboxServer
from scheduler.core.problems import Refused
from scheduler.core.roles import Person
from scheduler.services import failpoints
from scheduler.services.desk.recovering import require_agreement
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.engine import sqlite_file
from scheduler.testing import FakeClock
from tests.servers.backups import Backup
from tests.services.tables import admin
from tests.services.working import connect_face
from workers.bootstrap import open_runtime

Restart = Callable[[], Runtime]


@pytest.fixture
def lin(runtime: Runtime) -> Person:
    """The admin, who set the installation up."""
    return admin(runtime)


@pytest.fixture
def telegram(runtime: Runtime, sandbox: SandboxServer) -> int:
    """A connected channel on a platform that protects no repeat."""
    return connect_face(runtime, sandbox, "telegram")


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    """What a test arms at a failpoint is gone after it."""
    yield
    failpoints.disarm()


@pytest.fixture
def restart(settings: Settings, clock: FakeClock) -> Iterator[Restart]:
    """The runtime of a new process on the same installation."""
    opened: list[Runtime] = []

    def restart() -> Runtime:
        opened.append(open_runtime(settings, clock=clock))
        return opened[-1]

    yield restart
    for runtime in opened:
        runtime.close()


@pytest.fixture
def backup(settings: Settings, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backup]:
    """Copies of this database, on whichever server it is."""
    server = None if sqlite_file(settings.database) else request.getfixturevalue("postgres_server")
    backup = Backup(settings.database, server=server, folder=tmp_path)
    yield backup
    backup.drop()


def states(runtime: Runtime) -> Counter[str]:
    with runtime.begin() as session:
        return Counter({str(state): number for state, number in deliveries.count_by_state(session).items()})


def refused(runtime: Runtime) -> str:
    with pytest.raises(Refused) as refusal:
        require_agreement(runtime)
    return refusal.value.problems[0].message
