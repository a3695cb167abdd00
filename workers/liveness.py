"""Whether a process is alive: its loop goes round. Whether its surroundings are well is another question."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from celery.signals import worker_init, worker_shutting_down

TICK_LIMIT_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at; `reason` says in English what is wrong, empty when nothing is."""

    name: str
    reason: str = ""

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not self.reason


Liveness = Callable[[], Check]


class Pulse:
    """Beats whenever a loop goes round; alive while it beat lately, or works on something for no longer."""

    def __init__(
        self,
        name: str,
        *,
        limit_s: float = TICK_LIMIT_S,
        busy_s: float = TICK_LIMIT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._limit_s = limit_s
        self._busy_s = max(limit_s, busy_s)
        self._clock = clock
        self._beat_at = clock()
        self._busy = False

    @contextmanager
    def beating(self) -> Iterator[None]:
        """One time round, whether it succeeds or not."""
        self._beat_at, self._busy = self._clock(), True
        try:
            yield
        finally:
            self._beat_at, self._busy = self._clock(), False

    def __call__(self) -> Check:
        since_s = self._clock() - self._beat_at
        limit_s = self._busy_s if self._busy else self._limit_s
        late = f"no tick for {since_s:.0f} s" if since_s > limit_s else ""
        return Check(name=self._name, reason=late)


class ConsumerPulse:
    """Alive while Celery's consumer has its connection to the broker, or finishes what it began."""

    def __init__(self) -> None:
        self._worker: Any = None
        self._draining = False
        worker_init.connect(self._started, weak=False)
        worker_shutting_down.connect(self._drains, weak=False)

    def __call__(self) -> Check:
        connection = getattr(getattr(self._worker, "consumer", None), "connection", None)
        connected = connection is not None and connection.connected
        away = "" if connected or self._draining else "no connection to the broker"
        return Check(name="consumer", reason=away)

    def _started(self, sender: Any, **_told: object) -> None:
        self._worker = sender

    def _drains(self, **_told: object) -> None:
        self._draining = True
