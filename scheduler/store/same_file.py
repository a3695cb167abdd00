"""A SQLite file may be replaced while it is in use: each transaction is on the file that lies there now.

A connection goes on with the file that it opened, and SQLite finds a log by the name of its database. So
where another file lies, our log is put away and connections are made anew: then what people decided is missed
in an older copy, as on PostgreSQL (see scheduler.services.evidence.deciding).
"""

import threading
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

from scheduler.store.copies import beside, is_copy, log_of, room_beside

FILE = "file"
NOWHERE = (0, 0)
"""No file has these numbers: no connection goes on with the one it has."""

log = structlog.get_logger("postroad.database")


class PutByHand(Exception):
    """A backup lies in the database's place that `postroad restore` did not put there."""


class Missing(Exception):
    """The database was there, and is not now."""


class SameFile:
    """Looks at the file before an engine opens it, and before each transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._file: tuple[int, ...] | None = None
        self._log: tuple[int, ...] | None = None
        self._seen: tuple[int, ...] | None = None

    def watch(self, engine: Engine) -> None:
        """Look for all connections of the engine; call it last of those who listen."""
        event.listen(engine, "do_connect", self._before_opening)
        event.listen(engine, "connect", self._opened)
        event.listen(engine, "checkout", self._before_use)

    def _before_opening(self, _dialect: object, record: Any, _args: object, _named: object) -> None:
        if self._file and not self._path.exists():
            raise Missing
        self._look()
        record.info[FILE] = self._file

    def _opened(self, _connection: object, record: Any) -> None:
        """A file that was not there was made by this connection."""
        if record.info[FILE] is None:
            self._look()
            record.info[FILE] = self._file
        self._log = _number(log_of(self._path))

    def _before_use(self, _connection: object, record: Any, _proxy: object) -> None:
        self._look()
        if record.info[FILE] != self._file:
            raise InvalidatePoolError

    def _look(self) -> None:
        """Nothing is done while no file lies there: it may be on its way back."""
        seen = _state(self._path)
        if seen and seen != self._seen:
            with self._lock:
                self._look_closely(seen)

    def _look_closely(self, seen: tuple[int, ...]) -> None:
        """What is written over our file has its number, as if SQLite had copied the log into it."""
        number = seen[:2]
        if is_copy(self._path):
            if self._file == number:
                self._put_away(written_over=True)
                self._file = NOWHERE
            elif self._file:
                self._put_away()
            raise PutByHand
        if self._file not in (None, number):
            self._put_away()
        self._file, self._seen = number, seen

    def _put_away(self, *, written_over: bool = False) -> None:
        """Our log goes where it does no harm; so does a copy written over our file, or it would end there."""
        ours = self._log and self._log == _number(log_of(self._path))
        away = beside(self._path) if ours else []
        away += [self._path] if written_over else []
        if away:
            room = room_beside(self._path)
            for one in away:
                one.replace(room / one.name)
            log.error("the database was replaced while in use", kept=str(room))


def _state(path: Path) -> tuple[int, ...] | None:
    try:
        told = path.stat()
    except FileNotFoundError:
        return None
    return told.st_dev, told.st_ino, told.st_mtime_ns, told.st_size


def _number(path: Path) -> tuple[int, ...] | None:
    state = _state(path)
    return state[:2] if state else None
