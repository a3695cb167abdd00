"""One event loop and one HTTP client per host in each process, behind a sync face; made after fork."""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Generic, TypeAlias, TypeVar

from connectors.http import Http
from scheduler.services.runtime import Call

LINGER_S = 0.05

T = TypeVar("T")
Batch: TypeAlias = list[tuple[int, T | Exception]]
HandOver: TypeAlias = Callable[[Batch[T]], None]


class LoopNetwork:
    """An event loop on a thread of its own, started at the first call."""

    def __init__(self, make_http: Callable[[], Http] = Http) -> None:
        self._make_http = make_http
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._http: Http | None = None

    def stream(self, calls: Sequence[Call[T]]) -> Iterator[Batch[T]]:
        """Begin all calls now, then yield (index, result or exception) in batches as they finish."""
        batches: queue.SimpleQueue[Batch[T]] = queue.SimpleQueue()
        loop, http = self._running()
        begun = asyncio.run_coroutine_threadsafe(_begin(calls, http, batches.put), loop).result()
        return _until_all(begun, batches)

    def turn(self) -> AbstractContextManager[object]:
        """Wait until no other batch is about to begin: what is marked as sending leaves within a moment."""
        return self._turn

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


class _Batches(Generic[T]):
    """What finishes within a moment of the first is handed over together: few batches, few commits follow.

    It is gathered on the loop, so that the thread that waits is not woken for each.
    """

    def __init__(self, expected: int, hand_over: HandOver[T]) -> None:
        self._left = expected
        self._hand_over = hand_over
        self._batch: Batch[T] = []

    def add(self, index: int, result: T | Exception) -> None:
        """Hand over at once when it is the last of all."""
        self._left -= 1
        self._batch.append((index, result))
        if not self._left:
            self._flush()
        elif len(self._batch) == 1:
            asyncio.get_running_loop().call_later(LINGER_S, self._flush)

    def _flush(self) -> None:
        batch, self._batch = self._batch, []
        if batch:
            self._hand_over(batch)


def _until_all(
    begun: "Sequence[asyncio.Task[None]]", batches: "queue.SimpleQueue[Batch[T]]"
) -> Iterator[Batch[T]]:
    waiting = len(begun)
    while waiting:
        batch = batches.get()
        waiting -= len(batch)
        yield batch


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    loop.run_until_complete(_end_calls())
    loop.close()


async def _end_calls() -> None:
    """Tell whoever still waits that the network was closed, and hand over what was answered until then."""
    for _ in range(2):  # what was handed over last begins in one round, its calls in the next
        await asyncio.sleep(0)
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def _begin(
    calls: Sequence[Call[T]], http: Http, hand_over: HandOver[T]
) -> "Sequence[asyncio.Task[None]]":
    """The calls under way, each run until it waits for something; they last as long as they are kept."""
    batches = _Batches(len(calls), hand_over)

    async def run(index: int, call: Call[T]) -> None:
        try:
            batches.add(index, await call(http))
        except Exception as error:  # noqa: BLE001 - handed to the caller, who decides
            batches.add(index, error)
        except BaseException:
            batches.add(index, RuntimeError("the network was closed"))
            raise

    begun = [asyncio.create_task(run(index, call)) for index, call in enumerate(calls)]
    await asyncio.sleep(0)
    return begun
