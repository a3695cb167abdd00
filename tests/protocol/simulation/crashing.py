"""A network and transactions in which a process can die at every step, and others work meanwhile."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from connectors.http import Http
from scheduler.services.runtime import Call
from scheduler.store.unit_of_work import UnitOfWork

T = TypeVar("T")

ALONE = 0.3
"""How often an answer is given on at once; otherwise it waits for the next."""


class Crash(BaseException):
    """The process is gone: nothing after this point of it runs."""


@dataclass(slots=True)
class Weather:
    """How likely a process dies at a point, and what the others may do while one waits."""

    chance: Random
    meanwhile: Callable[[], None]
    enter: Callable[[], None]
    crash_rate: float = 0.0
    http: Http | None = None

    def crash_point(self) -> None:
        """The end of this process, if the seed says so."""
        if self.chance.random() < self.crash_rate:
            raise Crash

    def stream(self, calls: Sequence[Call[T]]) -> Iterator[list[tuple[int, T | Exception]]]:
        """Run the calls in turn, some answers together; others work before each, and it may die around it."""
        self.enter()
        come: list[tuple[int, T | Exception]] = []
        for index, call in enumerate(calls):
            self.crash_point()
            self.meanwhile()
            come.append((index, self._run(call)))
            self.crash_point()
            if self.chance.random() < ALONE or index == len(calls) - 1:
                yield come
                come = []

    def turn(self) -> AbstractContextManager[object]:
        """There is one thread."""
        return nullcontext()

    def gather(self, calls: Sequence[Call[T]]) -> list[T | Exception]:
        """Run the calls in turn and give all answers."""
        return [answer for batch in self.stream(calls) for _, answer in batch]

    def transactions(self, begin: UnitOfWork) -> UnitOfWork:
        """Transactions that may be cut before, at or after their commit."""

        @contextmanager
        def cut() -> Iterator[Session]:
            self.crash_point()
            with begin() as session:
                yield session
                self.crash_point()
            self.crash_point()
            if self.chance.random() < self.crash_rate / 8:
                raise OperationalError("COMMIT", None, ConnectionError("the answer to COMMIT was lost"))

        return cut

    def _run(self, call: Call[T]) -> T | Exception:
        """A simulated call waits for nothing real, so one push takes it to its end."""
        self.http = self.http or Http()
        try:
            call(self.http).__await__().send(None)
        except StopIteration as end:
            answer: T = end.value
            return answer
        except Exception as error:  # noqa: BLE001 - handed to the caller, as the real network does
            return error
        raise AssertionError("a simulated call waited")
