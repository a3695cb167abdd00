"""A backup of a SQLite database is put back unharmed, whatever a killed or running process left there."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from config.settings import Settings
from scheduler.core.problems import Refused
from scheduler.services.delivery import planning
from scheduler.services.desk.recovering import recover, require_agreement
from scheduler.services.evidence import copying
from scheduler.services.evidence.comparing import compare
from scheduler.services.evidence.copying import back_up, put_back
from scheduler.services.evidence.deciding import AHEAD
from scheduler.services.members import allow_self_resuming
from scheduler.services.runtime import Runtime
from scheduler.store import migrations
from scheduler.store.copies import log_of
from scheduler.store.engine import sqlite_file, using_database
from scheduler.store.holding import stops
from scheduler.store.same_file import Missing, PutByHand
from scheduler.testing import RecordingDispatcher
from tests.services.conftest import Restart, refused
from tests.services.tables import ONE_DATABASE, admin
from tests.store.test_migrations import downgrade
from workers.bootstrap import open_runtime

pytestmark = ONE_DATABASE
WRITE_AND_DIE = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
rows = [(f"{sys.argv[2]}-{number}", "x" * 60, "2026-11-16 08:00:00") for number in range(4000)]
connection.execute("PRAGMA wal_autocheckpoint=0")
connection.execute("BEGIN")
connection.executemany("INSERT INTO decided (uid, what, at) VALUES (?, ?, ?)", rows)
connection.execute("COMMIT")
if sys.argv[2] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
"""


def quiet(_done: int, _total: int) -> None:
    pass


@pytest.fixture
def database(runtime: Runtime, settings: Settings) -> Path:
    """The file of an installation that nobody has open."""
    runtime.close()
    path = sqlite_file(settings.database)
    assert path
    return path


@pytest.fixture
def copy(database: Path, tmp_path: Path) -> Path:
    """A backup of it, and two processes that wrote since: the second was killed."""
    path = tmp_path / "backup.db"
    back_up(database, path, told=quiet)
    for how in ("ended", "killed"):
        subprocess.run([sys.executable, "-c", WRITE_AND_DIE, database, how], check=False)
    assert log_of(database).stat().st_size > 0
    return path


def ask(path: Path, question: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(question).fetchone()[0]


def decided(path: Path) -> int:
    return int(str(ask(path, "SELECT count(*) FROM decided")))


def lying_in(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()}


def test_the_log_of_a_killed_process_damages_a_copy_that_is_put_there_by_hand(
    database: Path, copy: Path
) -> None:
    """What the guide's reader had to prevent until 2026-11-23: SQLite itself does so, with no word of it."""
    shutil.copyfile(copy, database)
    assert ask(database, "PRAGMA integrity_check") != "ok"


def test_it_does_not_damage_a_copy_that_is_restored(database: Path, copy: Path, restart: Restart) -> None:
    before = lying_in(database.parent)
    kept = put_back(copy, database, told=quiet)
    assert kept
    assert lying_in(kept).items() <= before.items()
    assert {one.name for one in kept.iterdir()} >= {"postroad.db", "postroad.db-wal"}
    assert decided(database) == decided(copy)
    assert ask(database, "PRAGMA integrity_check") == "ok"
    assert decided(kept / "postroad.db") == decided(copy) + 8000
    assert refused(restart()) == copying.PUT_BACK


@pytest.mark.parametrize("put", [shutil.copyfile, os.rename], ids=["cp", "mv"])
def test_a_backup_that_is_put_there_by_hand_is_not_opened_with_the_log_of_another(
    database: Path, copy: Path, settings: Settings, put: Callable[[Path, Path], object], tmp_path: Path
) -> None:
    second = tmp_path / "second.db"
    shutil.copyfile(copy, second)
    put(second, database)
    with pytest.raises(PutByHand):
        open_runtime(settings)
    assert log_of(database).exists()
    assert database.read_bytes() == copy.read_bytes()
    put_back(database, database, told=quiet)
    assert ask(database, "PRAGMA integrity_check") == "ok"
    assert not log_of(database).exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
def test_who_restores_as_root_restores_for_whoever_runs_it(database: Path, copy: Path) -> None:
    os.chown(database, 1234, 1234)
    put_back(copy, database, told=quiet)
    assert (database.stat().st_uid, database.stat().st_mode & 0o777) == (1234, 0o600)


def test_nothing_is_sent_from_a_restored_database_until_it_is_recovered(
    database: Path, tmp_path: Path, restart: Restart
) -> None:
    """Also where nothing was sent or decided since: journal and database agree then."""
    back_up(database, tmp_path / "backup.db", told=quiet)
    put_back(tmp_path / "backup.db", database, told=quiet)
    restored = restart()
    assert refused(restored) == copying.PUT_BACK
    assert compare(restored).decided == ()
    recover(restored, by=admin(restored))
    require_agreement(restart())


def test_a_backup_is_one_moment_while_others_write(database: Path, restart: Restart, tmp_path: Path) -> None:
    running = restart()
    allow_self_resuming(running, allowed=True, by=admin(running))
    before = decided(database)

    def write(done: int, _total: int) -> None:
        allow_self_resuming(running, allowed=bool(done % 2), by=admin(running))

    back_up(database, tmp_path / "backup.db", told=write)
    assert decided(tmp_path / "backup.db") == before
    assert decided(database) == before + 1
    assert {one.name for one in tmp_path.glob("backup.db*")} == {"backup.db"}


@pytest.fixture
def older(database: Path, tmp_path: Path) -> Path:
    """A copy that was made without `postroad backup`, while nothing ran: it has no mark."""
    path = tmp_path / "older.db"
    shutil.copyfile(database, path)
    return path


def decide(runtime: Runtime) -> None:
    allow_self_resuming(runtime, allowed=True, by=admin(runtime))


def look_after(runtime: Runtime) -> None:
    planning.tick(runtime, RecordingDispatcher(), chunk=100)


def test_another_file_in_the_place_of_one_in_use_is_found_out(
    database: Path, older: Path, restart: Restart
) -> None:
    """Until 2026-11-23 the process went on with the old file, and its log was written into the new one."""
    planner = restart()
    with planner.begin(), planner.begin():
        pass
    decide(planner)
    look_after(planner)
    older.replace(database)
    for _ in range(2):
        look_after(planner)
    with planner.begin() as session:
        assert stops.reason_of_stop(session) == AHEAD
    assert refused(restart()) == AHEAD
    (kept,) = database.parent.glob("replaced-*")
    assert (kept / "postroad.db-wal").stat().st_size > 0
    recover(planner, by=admin(planner))
    require_agreement(restart())
    planner.close()
    assert ask(database, "PRAGMA integrity_check") == "ok"


def test_a_backup_written_over_a_database_in_use_is_not_used(
    database: Path, tmp_path: Path, restart: Restart
) -> None:
    """`cp` writes into the same file: the log of who runs would end in the copy."""
    back_up(database, tmp_path / "backup.db", told=quiet)
    running = restart()
    decide(running)
    shutil.copyfile(tmp_path / "backup.db", database)
    with pytest.raises(PutByHand):
        decide(running)
    with pytest.raises(Missing):
        decide(running)
    with pytest.raises(Missing):
        restart()
    running.close()
    (kept,) = database.parent.glob("replaced-*")
    assert (kept / "postroad.db").read_bytes() == (tmp_path / "backup.db").read_bytes()
    assert (kept / "postroad.db-wal").stat().st_size > 0
    put_back(tmp_path / "backup.db", database, told=quiet)
    assert refused(restart()) == copying.PUT_BACK


def test_a_database_that_was_away_for_a_moment_has_lost_nothing(
    database: Path, tmp_path: Path, restart: Restart
) -> None:
    running = restart()
    decide(running)
    database.rename(tmp_path / "away.db")
    decide(running)
    (tmp_path / "away.db").rename(database)
    decide(running)
    running.close()
    assert decided(database) == 3
    assert not list(database.parent.glob("replaced-*"))


def damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = os.urandom(len(content) - len(content) // 2)
    path.write_bytes(content)


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def of_another_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE music (title)")


def no_database(path: Path) -> None:
    path.write_text("Dear reader")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def of_tomorrow(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num='9999'")


def gone(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (damaged, copying.DAMAGED),
        (cut_short, copying.DAMAGED),
        (of_another_program, copying.FOREIGN),
        (no_database, copying.FOREIGN),
        (empty, copying.FOREIGN),
        (of_tomorrow, copying.TOO_NEW),
        (gone, copying.NO_BACKUP),
    ],
)
def test_what_is_no_sound_backup_changes_nothing(
    database: Path, copy: Path, *, spoil: Callable[[Path], None], reason: str
) -> None:
    spoil(copy)
    before = lying_in(database.parent)
    with pytest.raises(Refused) as refusal:
        put_back(copy, database, told=quiet)
    assert refusal.value.problems[0].message == reason
    assert lying_in(database.parent) == before
    assert [one.name for one in database.parent.iterdir() if one.is_dir()] == ["data"]


STOPPED_HALFWAY = """
import os, signal, sys
from pathlib import Path
from scheduler.services.evidence.copying import back_up
back_up(Path(sys.argv[1]), Path(sys.argv[2]), told=lambda *_: os.kill(os.getpid(), signal.SIGSTOP))
"""


def test_what_a_killed_backup_left_is_gone_after_the_next_and_what_another_is_making_stays(
    database: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()

    @contextmanager
    def making(name: str) -> Iterator[subprocess.Popen[bytes]]:
        with subprocess.Popen([sys.executable, "-c", STOPPED_HALFWAY, database, folder / name]) as process:
            os.waitpid(process.pid, os.WUNTRACED)
            yield process
            process.send_signal(signal.SIGCONT)

    with making("killed.db") as process:
        process.kill()
    left = set(folder.glob("copying-*"))
    with making("slow.db"):
        back_up(database, folder / "next.db", told=quiet)
        still = set(folder.glob("copying-*"))
    assert (len(left), len(still), left & still) == (1, 1, set())
    assert sorted(one.name for one in folder.iterdir()) == ["next.db", "slow.db"]


def test_a_database_that_somebody_has_open_is_not_replaced(database: Path, copy: Path) -> None:
    """A long import, for one: only what publishes holds the lock file."""
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM lease').fetchall()"
    )
    wait = "; print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code + wait, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout
        other.stdout.readline()
        with pytest.raises(Refused) as refusal:
            put_back(copy, database, told=quiet)
        other.communicate()
    assert refusal.value.problems[0].message == copying.IN_USE
    assert not list(database.parent.glob("replaced-*"))
    put_back(copy, database, told=quiet)


def test_who_dies_as_the_old_log_is_put_away_leaves_a_copy_that_nobody_opens(
    database: Path, copy: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(copying, "_move", die)
        with pytest.raises(KeyboardInterrupt):
            put_back(copy, database, told=quiet)
    with pytest.raises(PutByHand):
        open_runtime(settings)
    (database.parent / "restoring-half").mkdir()
    put_back(copy, database, told=quiet)
    assert not list(database.parent.glob("restoring-*"))
    open_runtime(settings).close()
    assert ask(database, "PRAGMA integrity_check") == "ok"


def test_older_tables_are_brought_up_to_date_where_no_database_was(database: Path, tmp_path: Path) -> None:
    with using_database(f"sqlite:///{database}") as engine:
        downgrade(engine, "0015")
    elsewhere = tmp_path / "drill.db"
    assert put_back(shutil.copyfile(database, tmp_path / "old.db"), elsewhere, told=quiet) is None
    version = "SELECT version_num FROM alembic_version"
    assert ask(elsewhere, version) == migrations.newest()
    assert ask(tmp_path / "old.db", version) == "0015"


def test_a_full_disk_leaves_all_as_it_was(
    database: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite is told that it may have no more pages: it says then what it says of a full disk."""
    before = lying_in(database.parent)
    connect = sqlite3.connect

    def small(*args: object, **named: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **named)  # type: ignore[call-overload]
        connection.execute("PRAGMA max_page_count=20")
        return connection

    monkeypatch.setattr(sqlite3, "connect", small)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        put_back(copy, database, told=quiet)
    assert lying_in(database.parent) == before
