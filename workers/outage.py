"""A database that is away is told once when it goes and once when it is back, however often it is asked.

A step that it undid for the sake of another process is told each time: the next round does it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from scheduler.services.failures import (
    DATABASE_AWAY,
    DATABASE_CLOSED,
    DATABASE_CONTENDED,
    DATABASE_GONE,
    PUT_BY_HAND,
    explain,
)

AWAY = (DATABASE_AWAY, DATABASE_CLOSED, DATABASE_GONE, PUT_BY_HAND)

log = structlog.get_logger("postroad.outage")


class Outage:
    """Whether the database is away; every other failure of a job is raised."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._away = False

    @contextmanager
    def told(self, *, undone: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Let what cannot be done without the database be `undone`, and tell so the first time."""
        try:
            yield
        except Exception as error:
            known, kind = explain(error), type(getattr(error, "orig", error)).__name__
            if known and known.message == DATABASE_CONTENDED:
                log.warning("undone for another process", reason=DATABASE_CONTENDED, error=kind)
            elif known is None or known.message not in AWAY:
                raise
            elif self._changes(away=True):
                log.warning("database away", reason=known.message, error=kind)
            undone()

    def end(self) -> None:
        """Tell that it is back, if it was away."""
        if self._changes(away=False):
            log.warning("database back")

    def _changes(self, *, away: bool) -> bool:
        with self._lock:
            changes, self._away = self._away != away, away
        return changes
