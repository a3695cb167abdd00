"""What a kind of disturbance is, and what a round of it came to."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from scheduler.core.lateness import Lateness
from scheduler.core.states import State

if TYPE_CHECKING:
    from tests.fire.fleet import Fleet

Rows: TypeAlias = list[dict[str, str]]
FACES = ("bluesky", "mastodon", "wordpress", "telegram")
CLASSES = {"bluesky": "K", "mastodon": "K", "wordpress": "C", "telegram": "N"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The burst falls due evenly over `over_s` seconds, from `in_s` seconds after its approval."""

    in_s: float = 2.0
    over_s: float = 6.0
    lateness: Lateness = Lateness.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A disturbance. `platforms` are sandbox faces; `ends` the states in which its deliveries may end.

    `doubtful`: class N may stay unconfirmed. `before` runs before the burst is approved, `rows` may change
    the table of posts before it is imported, `check` names further breaches. `embedded` is one `postroad up`
    on SQLite.
    """

    name: str
    group: str
    play: Callable[["Fleet"], None]
    platforms: tuple[str, ...] = FACES
    due: Due = field(default_factory=Due)
    ends: frozenset[State] = frozenset({State.PUBLISHED})
    doubtful: bool = False
    embedded: bool = False
    deliveries: int = 170
    settle_s: float = 180.0
    before: Callable[["Fleet"], None] = lambda _fleet: None
    rows: Callable[["Fleet", Rows], Rows] = lambda _fleet, rows: rows
    check: Callable[["Fleet"], Iterable[str]] = lambda _fleet: ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Posts falling due together: `tags` (one in each text) by post; all instants aware UTC.

    `since` is the number of the sandbox's last log entry before it.
    """

    posts: Mapping[str, str]
    unapproved: frozenset[str]
    since: int
    first_due_at: datetime
    last_due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a round came to; `unconfirmed` counts by class.

    From due to visible it took `delay_s` at most, no longer than `median_s` for half and `p99_s` for 99 %.
    """

    kind: str
    group: str
    deliveries: int = 0
    duplicates: int = 0
    lost: int = 0
    unapproved: int = 0
    unconfirmed: Counter[str] = field(default_factory=Counter)
    median_s: float = 0.0
    p99_s: float = 0.0
    delay_s: float = 0.0
    restarts: int = 0
    took_s: float = 0.0
    breaches: tuple[str, ...] = ()
