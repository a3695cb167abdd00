"""How hints reach workers: by Celery over Redis, or to a pool in this process."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import structlog
from celery import Celery
from kombu.exceptions import OperationalError

from scheduler.services.delivery.planning import HintLost, attend
from scheduler.services.runtime import Runtime
from workers.celery_app import TASK, pack

log = structlog.get_logger("postroad.dispatch")


class CeleryDispatcher:
    """Sends each hint as one message and waits for nothing."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def announce(self, delivery_ids: Sequence[int]) -> None:
        """Put one message on the queue; HintLost when the broker does not take it."""
        try:
            self._app.send_task(TASK, kwargs={"hint": pack(list(delivery_ids))}, retry=False)
        except (OperationalError, OSError) as error:
            raise HintLost(type(error).__name__) from error


class LocalDispatcher:
    """Hands hints to threads of this process."""

    def __init__(self, runtime: Runtime, *, threads: int = 4) -> None:
        self._runtime = runtime
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="worker")
        self._lock = threading.Condition()
        self._open = 0

    def announce(self, delivery_ids: Sequence[int]) -> None:
        """Queue one hint for the pool."""
        with self._lock:
            self._open += 1
        self._pool.submit(attend, self._runtime, list(delivery_ids)).add_done_callback(self._finished)

    def drain(self, *, between: Callable[[], None] = lambda: None, every_s: float = 0.2) -> None:
        """Wait until every hint handed over was attended to, calling `between` now and then."""
        with self._lock:
            while self._open:
                self._lock.wait(every_s)
                between()

    def close(self) -> None:
        """Finish what was begun, then end the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _finished(self, future: "Future[int]") -> None:
        if not future.cancelled() and future.exception():
            log.error("a hint failed; its rows are announced again", exc_info=future.exception())
        with self._lock:
            self._open -= 1
            self._lock.notify_all()
