"""What the services need from outside: transactions, time, platforms, secrets, files and the network."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias, TypeVar

from connectors.contract import Connector
from connectors.http import Http
from scheduler.core.catalogue import Catalogue
from scheduler.core.clocks import Reading, Step
from scheduler.services.channels.spool import Spool
from scheduler.services.channels.vault import Vault
from scheduler.services.evidence.journal import Journal
from scheduler.services.media import MediaFolder
from scheduler.store.unit_of_work import UnitOfWork

T = TypeVar("T")
Call: TypeAlias = Callable[[Http], Awaitable[T]]


class Clock(Protocol):
    """The time, as the database tells it."""

    def now(self) -> datetime:
        """The present instant, aware UTC."""
        ...

    def settled_now(self) -> datetime:
        """The present instant to send by: shortly after a jump ahead as if there had been none."""
        ...

    def ask(self) -> datetime:
        """The present instant, by no reading that is seconds old."""
        ...

    def elapsed_s(self) -> float:
        """Seconds since any moment, whatever the clocks are set to; also those this process slept through."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let so many seconds go by."""
        ...

    def skew(self) -> timedelta:
        """How far this machine's own clock is ahead; 0 when it is near enough."""
        ...

    def take_step(self) -> Step:
        """How far it moved by itself, unexplained by the time that went by, since this was last asked."""
        ...

    def put_back(self, step: Step) -> None:
        """Let the next who asks have it as well."""
        ...

    def reading(self) -> Reading:
        """What it told last, and when by elapsed seconds."""
        ...

    def resume(self, last: Reading) -> None:
        """Go on from what another process read: what it did since then is a step as well."""
        ...


class Network(Protocol):
    """The process's event loop and its HTTP connections."""

    def stream(self, calls: Sequence[Call[T]]) -> Iterator[list[tuple[int, T | Exception]]]:
        """Begin all calls, then yield (index, result or exception) in batches as they finish."""
        ...

    def turn(self) -> AbstractContextManager[object]:
        """Wait until no other batch is about to begin: what is marked as sending leaves within a moment."""
        ...

    def gather(self, calls: Sequence[Call[T]]) -> list[T | Exception]:
        """Run all calls at once and wait for all; a call that raised gives its exception in its place."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """Handed to every service; made once, by workers.bootstrap. `worker` names this process in evidence.

    `lease` is how long what a process claimed stays its own after its death. `close` ends the connections to
    the database and the platforms. `reading_budgets` is how much billed looks may cost a month, by platform,
    in millionths of its currency.
    """

    begin: UnitOfWork
    clock: Clock
    connectors: Mapping[str, Connector]
    vault: Vault
    media: MediaFolder
    journal: Journal
    spool: Spool
    network: Network
    organisation_id: int
    worker: str
    lease: timedelta
    close: Callable[[], None]
    reading_budgets: Mapping[str, int] = field(default_factory=dict)

    @property
    def catalogue(self) -> Catalogue:
        """The capability sheet of every installed connector, by platform."""
        return {name: connector.capabilities for name, connector in self.connectors.items()}
