"""What befalls the database: restarts, lost COMMITs, conflicts, no room, no connections, an old copy."""

import random
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from shutil import chown
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from scheduler.services.delivery.publishing import WRITE_AGAIN_S
from scheduler.store.engine import sqlite_file
from tests.e2e.installation import wait_until
from tests.fire.cutting import MOMENTS, Cutter
from tests.fire.fleet import Fleet
from tests.fire.kind import Kind
from tests.fire.kinds.answers import watch
from tests.fire.member import Member
from tests.servers.ports import LOOPBACK

SENDING = r"UPDATE delivery SET .*first_sent_at"
PUBLISHED = r"INSERT INTO publication"
CUTS_EACH = 4
OUTAGE_S = 8.0
LONGEST_WRITING_PAUSE_S = max(WRITE_AGAIN_S) + 1
SQLITE_LOCKED_S = 33.0
SMALL_DISK = "24m"
REFUSED_WITHIN_S = 90


def restart(fleet: Fleet) -> None:
    """Ended in an orderly way, then killed, each time started again on the same data."""
    server = fleet.postgres.process
    fleet.pause(3)
    server.restart()
    fleet.pause(2)
    server.kill()
    server.start()


def cutting(statement: str) -> Callable[[Fleet], None]:
    """A disturbance: transactions with this statement lose their connection before and after COMMIT."""

    def play(fleet: Fleet) -> None:
        with Cutter(fleet.postgres.port) as cutter:
            url = make_url(fleet.settings.database).set(port=cutter.port)
            with with_environment(
                fleet.workers, POSTROAD_DATABASE_URL=url.render_as_string(hide_password=False)
            ):
                for moment in MOMENTS:
                    cutter.order(statement, moment, times=CUTS_EACH)
                watch(fleet)
                require(cutter.done, "no COMMIT was cut")

    return play


@contextmanager
def with_environment(members: Sequence[Member], **changes: str) -> Iterator[None]:
    """While inside these processes run, newly started, with these variables changed.

    They end what they are at before each start: a kill would leave doubts that no environment makes.
    """
    before = [member.environment for member in members]
    _start_anew(members, [{**environment, **changes} for environment in before])
    try:
        yield
    finally:
        _start_anew(members, before)


def _start_anew(members: Sequence[Member], environments: Sequence[Mapping[str, str]]) -> None:
    for member, environment in zip(members, environments, strict=True):
        member.stop()
        member.environment = environment
        member.start()


def refuse_to_serialize(fleet: Fleet) -> None:
    """Every transaction is serializable, and somebody else touches the same rows all the time."""
    name = sql.Identifier(_database(fleet))
    with connected(fleet) as connection:
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET default_transaction_isolation TO serializable").format(name)
        )
    try:
        with with_environment(fleet.members), disturbing(fleet, _touch_rows):
            watch(fleet)
        require("could not serialize" in fleet.postgres.process.log.read_text(), "nothing was in conflict")
    finally:
        with connected(fleet) as connection:
            connection.execute(sql.SQL("ALTER DATABASE {} RESET default_transaction_isolation").format(name))
        for member in fleet.members:
            member.start()


def deadlock(fleet: Fleet) -> None:
    """Somebody locks the rows in the opposite order and waits longer than anybody else."""
    with connected(fleet) as connection:
        connection.execute("ALTER SYSTEM SET deadlock_timeout TO '20ms'")
        connection.execute("SELECT pg_reload_conf()")
        before = _deadlocks(connection)
        with disturbing(fleet, _lock_backwards):
            watch(fleet)
        connection.execute("ALTER SYSTEM RESET deadlock_timeout")
        connection.execute("SELECT pg_reload_conf()")
        wait_until(lambda: _deadlocks(connection) > before)


def fill_the_disk(fleet: Fleet) -> None:
    """Deliveries and their evidence lie on a small disk, and that is full while the burst falls due."""
    with small_disk(fleet) as disk, connected(fleet) as connection:
        _move_tables(connection, "small")
        try:
            fleet.pause(1)
            with suppress(OSError), (disk / "filler").open("wb") as filler:
                while True:
                    filler.write(b"0" * 4096)
                    filler.flush()
            with _no_room(connection):
                refused = _refusals(fleet)
                fleet.pause(OUTAGE_S)
            (disk / "filler").unlink()
            require(_refusals(fleet) > refused, "there was room")
            fleet.pause(LONGEST_WRITING_PAUSE_S)
            watch(fleet)
        finally:
            (disk / "filler").unlink(missing_ok=True)
            _move_tables(connection, "pg_default")
            connection.execute("DROP TABLESPACE small")


@contextmanager
def small_disk(fleet: Fleet) -> Iterator[Path]:
    """A memory file system of 24 MiB that is the tablespace `small`; needs root."""
    disk = fleet.installation.folder / "small-disk"
    disk.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", disk], check=True)
    try:
        place, data = disk / "postgres", (fleet.installation.folder / "postgres").stat()
        place.mkdir(mode=0o700)
        chown(place, data.st_uid, data.st_gid)
        with connected(fleet) as connection:
            connection.execute(sql.SQL("CREATE TABLESPACE small LOCATION {}").format(sql.Literal(str(place))))
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def take_all_connections(fleet: Fleet) -> None:
    """Somebody else holds every connection the server has, and ours were cut."""
    with connected(fleet) as first:
        held = [first]
        try:
            ends = time.monotonic() + OUTAGE_S
            while time.monotonic() < ends:
                held += _take_all(fleet)
                mine = [one.info.backend_pid for one in held]
                first.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE backend_type = 'client backend' AND pid <> ALL(%s)",
                    [mine],
                )
                fleet.pause(0.05)
        finally:
            for connection in held[1:]:
                connection.close()
        require(len(held) > 100, "connections were left")


def lock_sqlite(fleet: Fleet) -> None:
    """Another program holds the write lock for longer than we wait for it."""
    path = sqlite_file(fleet.settings.database)
    assert path
    fleet.pause(3)
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        fleet.pause(SQLITE_LOCKED_S)
        other.execute("ROLLBACK")
    watch(fleet)


def restore_old_copy(fleet: Fleet) -> None:
    """A copy from before the burst takes the place of the database after all of it was published."""
    name = _database(fleet)
    with stopped(fleet):
        _run(fleet, "CREATE DATABASE old TEMPLATE {}", name)
    watch(fleet)
    seen = fleet.seen()
    with stopped(fleet):
        _run(fleet, "DROP DATABASE {} WITH (FORCE)", name)
        _run(fleet, "ALTER DATABASE old RENAME TO {}", name)
    wait_until(lambda: not any(one.alive for one in fleet.members), seconds=REFUSED_WITHIN_S)
    require(fleet.seen() == seen, "something was sent from the old copy")
    fleet.installation.run("recover", "--yes", "--as", "Mei")


@contextmanager
def stopped(fleet: Fleet) -> Iterator[None]:
    """While inside no process of the product runs."""
    for member in fleet.members:
        member.kill()
    yield
    for member in fleet.members:
        member.start()


@contextmanager
def connected(fleet: Fleet) -> Iterator[psycopg.Connection[Any]]:
    """A connection of an administrator to the product's database, past every relay."""
    with closing(_connect(fleet, _database(fleet))) as connection:
        yield connection


def _connect(fleet: Fleet, database: str) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=LOOPBACK, port=fleet.postgres.port, user="postgres", dbname=database, autocommit=True
    )


@contextmanager
def disturbing(fleet: Fleet, act: Callable[[psycopg.Connection[Any], random.Random], None]) -> Iterator[None]:
    """While inside, somebody does this again and again."""
    over = threading.Event()

    def disturb() -> None:
        draws = random.Random(fleet.serial)  # noqa: S311 - a repeatable disturbance, not a secret
        with connected(fleet) as connection:
            while not over.wait(0.02):
                with suppress(psycopg.errors.OperationalError):
                    act(connection, draws)

    thread = threading.Thread(target=disturb, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def require(held: object, words: str) -> None:
    """Say that the disturbance did not take place."""
    if not held:
        raise RuntimeError(words)


def _touch_rows(connection: psycopg.Connection[Any], draws: random.Random) -> None:
    rows = connection.execute("SELECT id FROM delivery WHERE state IN ('ready', 'claimed', 'sending')")
    ids = [id_ for (id_,) in rows]
    if ids:
        chosen = draws.sample(ids, k=min(3, len(ids)))
        connection.execute("UPDATE delivery SET looks = looks WHERE id = ANY(%s)", [chosen])


def _lock_backwards(connection: psycopg.Connection[Any], draws: random.Random) -> None:
    connection.execute("SET deadlock_timeout TO '1min'")
    rows = connection.execute(
        "SELECT id FROM delivery WHERE state IN ('claimed', 'sending') ORDER BY id DESC"
    )
    with connection.transaction():
        for (id_,) in rows.fetchall()[: draws.randint(2, 6)]:
            connection.execute("SELECT 1 FROM delivery WHERE id = %s FOR UPDATE", [id_])
            time.sleep(0.03)


def _deadlocks(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    ).fetchone()
    return int(row[0]) if row else 0


def _move_tables(connection: psycopg.Connection[Any], place: str) -> None:
    for table in ("delivery", "attempt"):
        statement = sql.SQL("ALTER TABLE {} SET TABLESPACE {}")
        connection.execute(statement.format(sql.Identifier(table), sql.Identifier(place)))


@contextmanager
def _no_room(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """No page of the evidence has room for one line more, however few deliveries there are."""
    line = "INSERT INTO attempt (delivery_id, kind, state, reason, worker, evidence, at)"
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL session_replication_role TO replica")  # of no delivery: none is locked
        with suppress(psycopg.OperationalError):
            while True:
                with connection.transaction():
                    connection.execute(f"{line} VALUES (0, '', '', '', '', '{{}}', now())")
        yield


def _refusals(fleet: Fleet) -> int:
    return fleet.postgres.process.log.read_text().count("No space left")


def _take_all(fleet: Fleet) -> list[psycopg.Connection[Any]]:
    taken: list[psycopg.Connection[Any]] = []
    with suppress(psycopg.OperationalError):
        while True:
            taken += [_connect(fleet, "postgres")]
    return taken


def _run(fleet: Fleet, statement: str, name: str) -> None:
    """A statement about the product's database, from outside it, with nobody else inside."""
    with closing(_connect(fleet, "postgres")) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname IN (%s, 'old') AND pid <> pg_backend_pid()",
            [name],
        )
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


def _database(fleet: Fleet) -> str:
    name = make_url(fleet.settings.database).database
    assert name
    return name


def _kind(name: str, play: Callable[[Fleet], None], **more: Any) -> Kind:
    return Kind(name=f"database-{name}", group="database", play=play, **more)


KINDS = (
    _kind("restarted", restart, doubtful=True),
    _kind("cut-at-commit-of-sending", cutting(SENDING), doubtful=True),
    _kind("cut-at-commit-of-published", cutting(PUBLISHED)),
    _kind("serialization-failure", refuse_to_serialize, doubtful=True),
    _kind("deadlock", deadlock, doubtful=True),
    _kind("disk-full", fill_the_disk, doubtful=True),
    _kind("pool-exhausted", take_all_connections, doubtful=True),
    _kind("sqlite-locked", lock_sqlite, embedded=True),
    _kind("old-dump-restored", restore_old_copy),
)
