"""One process reads counters at a time: two would ask the platforms for the same, and pay for it, twice."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from scheduler.services.runtime import Runtime
from scheduler.store import leases

READING = "reading"
LASTS = timedelta(minutes=1)
BEAT_S = 10.0
ASK_AGAIN_S = 5.0


@contextmanager
def turn_to_read(runtime: Runtime, *, beat_s: float = BEAT_S) -> Iterator[bool]:
    """True when nobody else reads counters meanwhile. The turn of who died is free after a minute."""
    holder, over = f"{runtime.worker}:{secrets.token_hex(3)}", threading.Event()
    if not _take(runtime, holder):
        yield False
        return
    beating = threading.Thread(target=_keep, args=(runtime, holder, over, beat_s), name="turn", daemon=True)
    beating.start()
    try:
        yield True
    finally:
        over.set()
        beating.join()
        with runtime.begin() as session:
            leases.release(session, READING, holder=holder)


@contextmanager
def next_turn_to_read(runtime: Runtime) -> Iterator[None]:
    """The same, after who reads now."""
    while True:
        with turn_to_read(runtime) as ours:
            if ours:
                yield
                return
        runtime.clock.sleep(ASK_AGAIN_S)


def _take(runtime: Runtime, holder: str) -> bool:
    with runtime.begin() as session:
        return leases.acquire(session, READING, holder=holder, now=runtime.clock.now(), ttl=LASTS)


def _keep(runtime: Runtime, holder: str, over: threading.Event, beat_s: float) -> None:
    """A platform may take long to answer; a database that is away for a moment is asked again."""
    while not over.wait(beat_s):
        with suppress(DBAPIError):
            _take(runtime, holder)
