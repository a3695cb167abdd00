"""The database by its URL, set up the same way everywhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url

from scheduler.store.same_file import Missing, SameFile

SQLITE_BUSY_S = 30
SQLITE_CACHE_KIB, SQLITE_LOG_PAGES = 32 * 1024, 4 * 1024
IN_BINARY = "in_binary"
"""An execution option: rows come as PostgreSQL holds them. In words, numbers take half as long again."""
STANDSTILL_S = 15
"""A process that stands still within a transaction loses it, and with it the locks others wait for."""
POSTGRES = {"jit": "off", "random_page_cost": 1.1, "timezone": "UTC"}
"""Rows are found by index: by its default of 4, that of a spinning disk, PostgreSQL would rather read whole
tables for a batch of posts or a week of readings. Compiling a statement of milliseconds takes it 0.1 s."""


def open_database(url: str) -> Engine:
    """An engine for a `sqlite:///…` or `postgresql+psycopg://…` URL; connects lazily."""
    if make_url(url).get_backend_name() == "sqlite":
        return _open_sqlite(url)
    return _open_postgres(url)


@contextmanager
def using_database(url: str) -> Iterator[Engine]:
    """An engine whose connections are closed when the block ends."""
    engine = open_database(url)
    try:
        yield engine
    finally:
        engine.dispose()


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite URL; None for every other database."""
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def require_file(url: str) -> None:
    """Missing where SQLite would begin an empty database in the place of one that is gone."""
    path = sqlite_file(url)
    if path and not path.exists():
        raise Missing


def _open_postgres(url: str) -> Engine:
    settings = POSTGRES | {"idle_in_transaction_session_timeout": STANDSTILL_S * 1000}
    own = {"options": " ".join(f"-c {name}={value}" for name, value in settings.items())}
    engine = create_engine(
        url, connect_args=own, pool_size=10, max_overflow=10, pool_pre_ping=True, hide_parameters=True
    )
    engine.dialect.use_insertmanyvalues_wo_returning = True
    event.listen(engine, "do_executemany", _run_many)
    event.listen(engine, "before_cursor_execute", _read_binary)
    return engine


def _run_many(cursor: Any, statement: str, parameters: Any, _context: object) -> bool:
    """One statement for many rows, which psycopg pipelines, and an empty one behind it.

    A pipeline ends with a message that stops the server's timer for standing still, and nothing would start
    it again (psycopg 3.3 with PostgreSQL 15, 2026-11-22).
    """
    cursor.executemany(statement, parameters)
    cursor.connection.execute("")
    return True


def _read_binary(
    _connection: Any, cursor: Any, _statement: str, _parameters: Any, context: Any, _many: object
) -> None:
    if context.execution_options.get(IN_BINARY):
        cursor.format = 1


def _open_sqlite(url: str) -> Engine:
    """What was used last is used again, so that one connection fills its memory, not each in turn."""
    waiting = {"timeout": SQLITE_BUSY_S}
    engine = create_engine(url, connect_args=waiting, pool_use_lifo=True, hide_parameters=True)
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    SameFile(Path(engine.url.database or "")).watch(engine)
    return engine


def _configure_sqlite(connection: Any, _record: object) -> None:
    """WAL, real durability, foreign keys; transactions are begun by us, not by the driver.

    Pages are kept in memory and in the log so that a batch of thousands of readings writes each of them once:
    by itself SQLite keeps 2 MB, and copies the log into the file after 4.
    """
    connection.isolation_level = None
    memory = (f"cache_size=-{SQLITE_CACHE_KIB}", f"wal_autocheckpoint={SQLITE_LOG_PAGES}")
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", *memory):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Any) -> None:
    """Take the write lock at once: upgrading a read transaction later fails without waiting."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
