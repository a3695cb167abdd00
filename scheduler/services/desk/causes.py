"""What waits for a person is told in groups: why they wait, and the one remedy of each."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler.core.states import State

EVERY = ""
"""In place of a platform: all of them."""


class Remedy(StrEnum):
    """What a person does about a group."""

    RELEASE = "release"
    APPROVE = "approve"
    RECONNECT = "reconnect"
    RESOLVE = "resolve"
    REWRITE = "rewrite"
    DELETE_BY_HAND = "delete_by_hand"
    COMPARE = "compare"
    ACCEPT_CLOCK = "accept_clock"
    SET_CLOCK = "set_clock"
    RECOVER = "recover"
    RAISE_BUDGET = "raise_budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Deliveries that wait for a person for one reason; `command` is what to run, for the first of them.

    `oldest_at` (aware UTC) is the earliest due time; `deliveries`, `posts` and `channels` name all. What
    stops the whole desk has no platform, and since when in `oldest_at`.
    """

    state: State
    reason: str
    platform: str
    count: int
    oldest_at: datetime
    remedy: Remedy
    command: str
    deliveries: tuple[int, ...]
    posts: tuple[str, ...]
    channels: tuple[str, ...]
    urls: tuple[str, ...]
