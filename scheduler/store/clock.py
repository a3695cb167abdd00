"""Time as the database tells it, so that all processes agree (rule 1)."""

import threading
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

ASK_AGAIN_S = 10.0


class DatabaseClock:
    """This machine's monotonic clock, set by the database's every ten seconds.

    With SQLite, which has no clock but this machine's, it is this machine's.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._asked = float("-inf")
        self._told = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """The present instant, aware UTC."""
        if self._engine.dialect.name == "sqlite":
            return datetime.now(UTC)
        with self._lock:
            since_s = time.monotonic() - self._asked
            if since_s > ASK_AGAIN_S:
                self._ask()
                since_s = time.monotonic() - self._asked
            return self._told + timedelta(seconds=since_s)

    def _ask(self) -> None:
        with self._engine.connect() as connection:
            told: datetime = connection.scalar(text("select clock_timestamp()"))
        self._told, self._asked = told.astimezone(UTC), time.monotonic()
