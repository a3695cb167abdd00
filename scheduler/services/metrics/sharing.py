"""What was read is taken in side by side: each taker has channels of its own, so none waits for another."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from scheduler.services.runtime import Runtime

TAKERS = 2


class OfChannel(Protocol):
    """What belongs to a channel."""

    @property
    def channel_id(self) -> int:
        """Its id."""
        ...


T = TypeVar("T", bound=OfChannel)
R = TypeVar("R")


def takers(session: Session) -> int:
    """How many can write at once; on SQLite one."""
    return TAKERS if session.get_bind().dialect.name == "postgresql" else 1


def share_out(
    runtime: Runtime, at_once: int, some: Sequence[T], take: Callable[[Session, Sequence[T]], R]
) -> list[R]:
    """Share `some` out by channel, and take each share in a transaction of its own; what that gave.

    One that fails does not take back the others.
    """

    def taken(share: Sequence[T]) -> R:
        with runtime.begin() as session:
            return take(session, share)

    with ThreadPoolExecutor(at_once, thread_name_prefix="taker") as pool:
        return list(pool.map(taken, _shares(some, at_once)))


def _shares(some: Sequence[T], count: int) -> Iterator[Sequence[T]]:
    """As many as there are channels for, in the order in which they were."""
    channels = sorted({one.channel_id for one in some})
    for own in (set(channels[number::count]) for number in range(min(count, len(channels)))):
        yield [one for one in some if one.channel_id in own]
