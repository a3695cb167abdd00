"""Time as the database tells it, so that all processes agree (rule 1), and what is odd about it."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, text

from scheduler.core.clocks import NOTHING, Reading, Step, aged, difference, follows, step_between

ASK_AGAIN_S = 10.0
BOOT = Path("/proc/sys/kernel/random/boot_id")
TIME_NAMESPACE = Path("/proc/self/ns/time")
SETTLED_S = 3 * ASK_AGAIN_S
"""After a jump, by then all is due that had been made ready early by the time before (at most 5 s)."""


def wall_time() -> datetime:
    """This machine's clock, aware UTC."""
    return datetime.now(UTC)


def elapsed_s() -> float:
    """Seconds that went by on this machine since any moment; on Linux those it slept through as well."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def counter() -> str:
    """Whose seconds `elapsed_s` tells: this boot of this machine, in this time namespace; empty if unknown.

    A container shares both with its host, unless it has a time of its own (Linux 5.6, time_namespaces(7)).
    """
    if not (hasattr(time, "CLOCK_BOOTTIME") and BOOT.exists()):
        return ""
    namespace = TIME_NAMESPACE.stat().st_ino if TIME_NAMESPACE.exists() else ""
    return f"{BOOT.read_text().strip()}:{namespace}"


class WatchedClock:
    """Another clock's time, asked for every `again_s` seconds, carried on meanwhile by elapsed time."""

    def __init__(
        self,
        tell: Callable[[], datetime],
        *,
        again_s: float,
        wall: Callable[[], datetime] = wall_time,
        elapsed: Callable[[], float] = elapsed_s,
        counter: str = "",
    ) -> None:
        self._tell = tell
        self._again_s = again_s
        self._wall = wall
        self._elapsed = elapsed
        self._counter = counter
        self._lock = threading.Lock()
        self._last: Reading | None = None
        self._furthest: Reading | None = None
        self._step = Step()
        self._believed: Reading | None = None
        self._jumped_at_s = 0.0
        self._skew = NOTHING

    def now(self) -> datetime:
        """The present instant, aware UTC."""
        with self._lock:
            last = self._last
            if last is None or self._elapsed() - last.after_s >= self._again_s:
                last = self._last = self._read(last)
            return last.at + timedelta(seconds=self._elapsed() - last.after_s)

    def settled_now(self) -> datetime:
        """The present instant; shortly after a jump ahead as if there had been none: planners hold first."""
        now = self.now()
        with self._lock:
            at_s = self._elapsed()
            before = self._before_jump(at_s)
            return min(now, before.at + timedelta(seconds=at_s - before.after_s)) if before else now

    def ask(self) -> datetime:
        """The present instant, asked for anew: for a decision that nobody may take by an old reading."""
        with self._lock:
            self._last = self._read(self._last)
            return self._last.at

    def elapsed_s(self) -> float:
        """Seconds since any moment, whatever the clocks are set to; also those this process slept through."""
        return self._elapsed()

    def sleep(self, seconds: float) -> None:
        """Let so many seconds go by."""
        time.sleep(seconds)

    def skew(self) -> timedelta:
        """How far this machine's own clock was ahead when last compared; 0 when it is near enough."""
        return self._skew

    def take_step(self) -> Step:
        """How far the told time moved by itself since this was last asked."""
        with self._lock:
            step, self._step = self._step, Step()
            return step

    def put_back(self, step: Step) -> None:
        """Let the next who asks have it as well."""
        with self._lock:
            self._step = step + self._step

    def reading(self) -> Reading:
        """The last reading, for who begins on this machine after this process ended."""
        self.now()
        with self._lock:
            return self._last or self._read(None)

    def resume(self, last: Reading) -> None:
        """Go on from what another process read: what the clock did since then is a step as well.

        Nothing where nobody knows how long ago that was: on another machine, or before this one was started.
        """
        with self._lock:
            this = self._last = self._read(self._last)
            if follows(this, last):
                self._furthest, self._step = aged(last, at_s=this.before_s), Step()
                self._last = self._read(self._furthest)

    def _before_jump(self, at_s: float) -> Reading | None:
        """The reading before a jump of lately: how far it went is known only as well as answers are quick."""
        return self._believed if at_s - self._jumped_at_s < SETTLED_S else None

    def _read(self, last: Reading | None) -> Reading:
        before_s = self._elapsed()
        at = self._tell()
        this = Reading(at=at, before_s=before_s, after_s=self._elapsed(), counter=self._counter)
        self._skew = difference(this, self._wall(), at_s=self._elapsed())
        furthest = self._furthest or this
        step = step_between(last or this, this, furthest=furthest)
        if step.beyond:
            self._believed, self._jumped_at_s = self._before_jump(this.after_s) or last, this.after_s
        self._step += step
        self._furthest = this if at >= furthest.at else furthest
        return this


class DatabaseClock(WatchedClock):
    """The database's clock, asked every ten seconds.

    With SQLite, which has no clock but this machine's, it is this machine's, read each time.
    """

    def __init__(self, engine: Engine) -> None:
        if engine.dialect.name == "sqlite":
            super().__init__(wall_time, again_s=0.0, counter=counter())
        else:
            super().__init__(partial(_ask, engine), again_s=ASK_AGAIN_S, counter=counter())


def _ask(engine: Engine) -> datetime:
    with engine.connect() as connection:
        told: datetime = connection.scalar(text("select clock_timestamp()"))
    return told.astimezone(UTC)
