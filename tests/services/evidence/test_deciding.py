"""What people decided after a backup is missed when it is put back, though nothing was sent since."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from config.settings import Settings
from connectors.sandbox import SandboxServer
from scheduler.core.stopping import Scope, Target
from scheduler.services.channels.enrolling import set_spacing
from scheduler.services.delivery import planning
from scheduler.services.desk import pausing
from scheduler.services.desk.recovering import recover, require_agreement
from scheduler.services.evidence.comparing import compare
from scheduler.services.evidence.deciding import AHEAD
from scheduler.services.evidence.journal import DECIDED, Journal
from scheduler.services.members import allow_self_resuming
from scheduler.services.runtime import Runtime
from scheduler.services.writing.composing import import_posts
from scheduler.store.engine import sqlite_file
from scheduler.store.evidence import decided
from scheduler.store.holding import stops
from scheduler.testing import FakeClock, RecordingDispatcher
from tests.servers.backups import Backup
from tests.services.conftest import Restart, refused, states
from tests.services.tables import ONE_DATABASE, POST, admin, enrol_connected, reviewer, write_table
from tests.services.working import wait_until_somebody_waits, work
from workers.bootstrap import set_up

HOUR = timedelta(hours=1)
WHOLE = Target(scope=Scope.ALL, name="")
ROW = POST | {"at": "2026-11-16 09:00", "zone": "UTC", "channels": "cairo,london"}


@pytest.fixture
def planned(runtime: Runtime, sandbox: SandboxServer, tmp_path: Path) -> None:
    """A post for two channels, approved, due in an hour."""
    enrol_connected(runtime, tmp_path, sandbox)
    rows = [ROW | {"post": "museum"}]
    table = write_table(tmp_path / "posts.csv", rows)
    import_posts(runtime, table, author=admin(runtime), approver=reviewer(runtime))


def change(runtime: Runtime, folder: Path, **cells: str) -> None:
    rows = [ROW | {"post": "museum"} | cells]
    import_posts(runtime, write_table(folder / "changed.csv", rows), author=admin(runtime))


def cancel_one(runtime: Runtime, folder: Path) -> None:
    change(runtime, folder, channels="cairo")


def correct(runtime: Runtime, folder: Path) -> None:
    change(runtime, folder, **{"text.en": "A new museum, opening in May"})


def pause(runtime: Runtime, _folder: Path) -> None:
    pausing.pause(runtime, WHOLE, reason="mourning", by=admin(runtime))


def keep_apart(runtime: Runtime) -> None:
    set_spacing(runtime, "cairo", 60, by=admin(runtime))


def tick(runtime: Runtime) -> RecordingDispatcher:
    dispatcher = RecordingDispatcher()
    planning.tick(runtime, dispatcher, chunk=100)
    return dispatcher


def stop_of(runtime: Runtime) -> str | None:
    with runtime.begin() as session:
        return stops.reason_of_stop(session)


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize(
    ("decide", "what"), [(cancel_one, "import"), (correct, "import"), (pause, "pause --all")]
)
def test_what_was_decided_and_not_sent_since_the_backup_is_missed(
    runtime: Runtime,
    clock: FakeClock,
    sandbox: SandboxServer,
    restart: Restart,
    backup: Backup,
    tmp_path: Path,
    *,
    decide: Callable[[Runtime, Path], None],
    what: str,
) -> None:
    """Until 2026-11-23 nobody noticed: the cancelled, corrected or paused post went out."""
    backup.take(runtime)
    clock.advance(timedelta(minutes=1))
    deciding_process = restart()
    decide(deciding_process, tmp_path)
    backup.put_back(deciding_process)

    clock.advance(HOUR)
    restored = restart()
    assert refused(restored) == AHEAD
    work(restored)
    assert sandbox.control.posts() == []
    assert [(one.what, one.at) for one in compare(restored).decided] == [(what, clock.now() - HOUR)]
    assert recover(restored, by=admin(restored)).held == 2
    require_agreement(restored)
    work(restored)
    assert states(restored) == {"held": 2}
    assert sandbox.control.posts() == []


@pytest.mark.usefixtures("planned")
def test_what_was_decided_on_another_machine_is_in_the_planners_journal(
    runtime: Runtime, clock: FakeClock, restart: Restart, backup: Backup, tmp_path: Path
) -> None:
    """The command's own journal is in a folder that no planner sees."""
    tick(runtime)
    backup.take(runtime)
    clock.advance(timedelta(minutes=1))
    planner = restart()
    pause(replace(planner, journal=Journal(tmp_path / "elsewhere", writer="laptop")), tmp_path)
    tick(planner)
    backup.put_back(planner)
    assert refused(restart()) == AHEAD


@pytest.mark.usefixtures("planned")
def test_a_tick_that_finds_nothing_decided_writes_nothing(runtime: Runtime) -> None:
    def lines() -> int:
        return sum(entry.kind == DECIDED for entry in runtime.journal.read().entries)

    tick(runtime)
    before = lines()
    for _ in range(3):
        tick(runtime)
    assert lines() == before
    keep_apart(runtime)
    assert lines() == before + 1
    tick(runtime)
    assert lines() == before + 2


@pytest.mark.usefixtures("planned")
def test_a_database_put_back_under_a_running_planner_stops_it(
    runtime: Runtime, clock: FakeClock, restart: Restart, backup: Backup, tmp_path: Path
) -> None:
    backup.take(runtime)
    planner = restart()
    clock.advance(timedelta(minutes=1))
    pause(planner, tmp_path)
    tick(planner)
    backup.put_back(planner)
    keep_apart(planner)  # somebody goes on deciding on the old copy: it has as many marks as before

    clock.advance(HOUR)
    assert tick(planner).hints == []
    assert states(planner) == {"scheduled": 2}
    assert stop_of(planner) == AHEAD
    assert refused(restart()) == AHEAD
    assert recover(planner, by=admin(planner)).held == 2
    for _ in range(2):
        tick(planner)
    assert stop_of(planner) is None
    require_agreement(restart())


@pytest.mark.usefixtures("planned")
def test_a_database_put_back_under_a_running_worker_stops_it(
    runtime: Runtime,
    clock: FakeClock,
    sandbox: SandboxServer,
    restart: Restart,
    backup: Backup,
    tmp_path: Path,
) -> None:
    clock.advance(HOUR)
    (hint,) = tick(runtime).hints
    backup.take(runtime)
    worker = restart()
    require_agreement(worker)
    clock.advance(timedelta(minutes=1))
    pause(worker, tmp_path)
    planning.attend(worker, hint)
    backup.put_back(worker)
    assert states(worker) == {"ready": 2}
    planning.attend(replace(restart(), journal=worker.journal), hint)
    assert sandbox.control.posts() == []
    assert stop_of(worker) == AHEAD


@ONE_DATABASE
def test_a_new_database_beside_a_journal_of_which_nothing_was_sent_is_no_stranger(
    runtime: Runtime, settings: Settings, restart: Restart
) -> None:
    """Somebody who tried things out begins again: nothing is planned that could go out."""
    pausing.pause(runtime, WHOLE, reason="trying", by=admin(runtime))
    runtime.close()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{sqlite_file(settings.database)}{suffix}").unlink(missing_ok=True)
    set_up(settings)
    anew = restart()
    require_agreement(anew)
    assert compare(anew).decided == ()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_decides_next_waits_for_who_decided(runtime: Runtime) -> None:
    """Else the journal could hold the later of two, and a backup from in between lack the earlier."""
    second = threading.Thread(target=lambda: allow_self_resuming(runtime, allowed=True, by=admin(runtime)))
    with runtime.begin() as session:
        first = decided.note(session, "pause", now=runtime.clock.now())
        second.start()
        wait_until_somebody_waits(runtime)
    second.join()
    with runtime.begin() as session:
        assert [mark.what for mark in decided.since(session, first)] == ["pause", "members self-resuming"]
