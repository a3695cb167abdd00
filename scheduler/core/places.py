"""A channel as the decisions about what it gets see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel's place in the matrix: all that decides what it gets. `account` is its remote identity."""

    id: int
    channel: str
    platform: str
    language: str
    region: str
    time_zone: str
    account: str
    connected: bool = False
    sets: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict, hash=False)
