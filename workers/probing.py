"""Looking at something that may hang: never more than one look at a time, its result kept for a moment."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class NoAnswer(Exception):
    """The look still goes on."""


class Probe(Generic[T]):
    """Asks `look` on a thread of its own, at most every `keep_s` seconds; waits `wait_s` for it."""

    def __init__(self, look: Callable[[], T], *, keep_s: float, wait_s: float = 3.0) -> None:
        self._look = look
        self._keep_s = keep_s
        self._wait_s = wait_s
        self._changed = threading.Condition()
        self._looking = False
        self._seen_at = float("-inf")
        self._seen: T | Exception | None = None

    def start(self) -> None:
        """Begin to look unless somebody does, or what was seen is fresh."""
        with self._changed:
            if self._looking or time.monotonic() - self._seen_at < self._keep_s:
                return
            self._looking = True
        threading.Thread(target=self._run, name="probe", daemon=True).start()

    def ask(self) -> T:
        """What was seen, at most `keep_s` old; raises what the look raised, or NoAnswer."""
        self.start()
        with self._changed:
            if not self._changed.wait_for(lambda: not self._looking, self._wait_s):
                raise NoAnswer(f"no answer within {self._wait_s:.0f} s")
            seen = self._seen
        if isinstance(seen, Exception):
            raise seen
        return seen  # type: ignore[return-value] # a look has ended, and it did not fail

    def _run(self) -> None:
        seen: T | Exception
        try:
            seen = self._look()
        except Exception as error:  # noqa: BLE001 - handed to whoever asks
            seen = error
        with self._changed:
            self._seen, self._seen_at, self._looking = seen, time.monotonic(), False
            self._changed.notify_all()
