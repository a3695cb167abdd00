"""One event loop and one HTTP client per host in each process, behind a sync face; made after fork."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from connectors.http import Http
from scheduler.services.runtime import Call

LINGER_S = 0.05

T = TypeVar("T")


class LoopNetwork:
    """An event loop on a thread of its own, started at the first call."""

    def __init__(self, make_http: Callable[[], Http] = Http) -> None:
        self._make_http = make_http
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._http: Http | None = None

    def stream(self, calls: Sequence[Call[T]]) -> Iterator[list[tuple[int, T | Exception]]]:
        """Run all calls at once; yield (index, result or exception) in batches as they finish."""
        done: queue.SimpleQueue[tuple[int, T | Exception]] = queue.SimpleQueue()
        loop, http = self._running()
        asyncio.run_coroutine_threadsafe(_run_all(calls, http, done.put), loop)
        waiting = len(calls)
        while waiting:
            batch = _take(done, at_most=waiting)
            waiting -= len(batch)
            yield batch

    def gather(self, calls: Sequence[Call[T]]) -> list[T | Exception]:
        """Run all calls at once and wait for all; a call that raised gives its exception in its place."""
        results = dict(pair for batch in self.stream(calls) for pair in batch)
        return [results[index] for index in range(len(calls))]

    def close(self) -> None:
        """Close the connections and stop the loop."""
        if self._loop is None or self._http is None:
            return
        asyncio.run_coroutine_threadsafe(self._http.aclose(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._loop = None

    def _running(self) -> tuple[asyncio.AbstractEventLoop, Http]:
        with self._lock:
            if self._loop is None or self._http is None:
                self._loop = asyncio.new_event_loop()
                self._http = self._make_http()
                threading.Thread(target=_serve, args=(self._loop,), name="network", daemon=True).start()
            return self._loop, self._http


def _take(done: "queue.SimpleQueue[T]", *, at_most: int) -> list[T]:
    """What finishes within a moment of the first: few batches, so that few commits follow."""
    batch = [done.get()]
    ends = time.monotonic() + LINGER_S
    while len(batch) < at_most and (left := ends - time.monotonic()) > 0:
        try:
            batch.append(done.get(timeout=left))
        except queue.Empty:
            break
    return batch


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    loop.close()


async def _run_all(
    calls: Sequence[Call[T]], http: Http, report: Callable[[tuple[int, T | Exception]], None]
) -> None:
    async def run(index: int, call: Call[T]) -> None:
        try:
            report((index, await call(http)))
        except Exception as error:  # noqa: BLE001 - handed to the caller, who decides
            report((index, error))
        except BaseException:
            report((index, RuntimeError("the network was closed")))
            raise

    await asyncio.gather(*(run(index, call) for index, call in enumerate(calls)))
