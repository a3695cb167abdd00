"""What a pause covers, and how what it kept back goes out afterwards."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

CATCH_UP_GAP = timedelta(minutes=1)


class Scope(StrEnum):
    """How far a pause reaches."""

    ALL = "all"
    PLATFORM = "platform"
    CHANNEL = "channel"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is paused: everything, or the platform, channel or campaign of this name."""

    scope: Scope
    name: str = ""

    @classmethod
    def told_by(cls, words: str) -> "Target":
        """The target whose `str` these are; everything where they tell none."""
        scope, _, name = words.removeprefix("--").partition(" ")
        return cls(scope=Scope(scope), name=name) if scope in {*Scope} else cls(scope=Scope.ALL)

    def __str__(self) -> str:
        """As the options of a command."""
        return f"--{self.scope} {self.name}".strip()


def spaced(waiting: Iterable[tuple[int, int]], *, now: datetime) -> Iterator[tuple[int, datetime]]:
    """When each of (delivery id, channel id) goes out: one a channel at once, the others a minute apart."""
    turns: dict[int, int] = {}
    for delivery_id, channel_id in waiting:
        turn = turns.get(channel_id, 0)
        turns[channel_id] = turn + 1
        yield delivery_id, now + turn * CATCH_UP_GAP
