"""Copies of a SQLite database, and what lies beside one: a log that belongs to this very file.

Beside another file of the same name SQLite would write that log into it, and damage it. So a copy carries a
mark in its header until it was put in place by who takes the old log away first.
"""

import fcntl
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from scheduler.store.clock import wall_time

Told = Callable[[int, int], None]
"""Is told how far it came: (done, total)."""
MAGIC = b"SQLite format 3\0"
MARK = int.from_bytes(b"copy", "big")
BESIDE = ("-wal", "-shm", "-journal")
STEP_PAGES = 4096
LOCK_BYTE, LOCK_BYTES = 0x40000002, 510
"""Where who has a SQLite file open holds a lock (SHARED_FIRST and SHARED_SIZE of its os.h, 2026-11-23)."""


class InUse(Exception):
    """Somebody else has it."""


def is_sqlite(path: Path) -> bool:
    """Whether the file says that it is a SQLite database."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def is_copy(path: Path) -> bool:
    """Whether a copy lies there that nobody put in place; its log, if any, is neither read nor touched."""
    with suppress(sqlite3.DatabaseError), closing(_open(path, "immutable=1")) as connection:
        return bool(connection.execute("PRAGMA user_version").fetchone() == (MARK,))
    return False


def copy(source: Path, target: Path, *, told: Told, in_use: bool) -> None:
    """Copy one moment of a database, whoever writes meanwhile, into a file that needs none beside it.

    What is not `in_use` is read only, and where it lies alone also from a disk that nobody can write to.
    """
    with (
        closing(_open(source, "mode=rw" if in_use else _at_rest(source))) as reader,
        closing(sqlite3.connect(target, isolation_level=None)) as writer,
    ):
        target.chmod(0o600)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        reader.backup(writer, pages=STEP_PAGES, progress=lambda _, left, total: told(total - left, total))
        writer.execute("PRAGMA journal_mode=DELETE")


def unsound(path: Path) -> str:
    """What SQLite finds wrong with it, empty when nothing is."""
    with closing(_open(path, "immutable=1")) as connection:
        found = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
    return "" if found == "ok" else found


def mark(path: Path, number: int = MARK) -> None:
    """Say that this is a copy that was not put in place; 0 says that it was."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute(f"PRAGMA user_version={number}")


@contextmanager
def at_work_in(folder: Path) -> Iterator[None]:
    """Hold the folder as long as this process lives; InUse when another one does."""
    with (folder / "at-work").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse from None
        yield


@contextmanager
def nobody_using(path: Path) -> Iterator[None]:
    """InUse when a process has this database open; who opens it meanwhile waits.

    Not for a process that has it open itself: to close a file ends all locks that it has on it.
    """
    with path.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, LOCK_BYTES, LOCK_BYTE)
        except OSError:
            raise InUse from None
        yield


def room_beside(path: Path) -> Path:
    """A new folder beside the database, for what is no longer used and yet not deleted."""
    return Path(mkdtemp(prefix=f"replaced-{wall_time():%Y%m%dT%H%M%SZ}-", dir=path.parent))


def log_of(path: Path) -> Path:
    """Where SQLite writes what is not in the database's file yet."""
    return path.with_name(f"{path.name}-wal")


def beside(path: Path) -> list[Path]:
    """What lies there of a log."""
    return [one for end in BESIDE if (one := path.with_name(f"{path.name}{end}")).exists()]


def _open(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True, isolation_level=None)


def _at_rest(path: Path) -> str:
    return "mode=ro" if beside(path) and not is_copy(path) else "immutable=1"
