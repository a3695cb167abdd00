"""When each waiting post gets its turn under the platform's quotas: decides the pace and the forecast.

A quota lets `limit` units pass in any `window_s` seconds (a rolling window, which is never looser than the
fixed ones that platforms count by). Instants are aware UTC.
"""

import heapq
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from connectors.capabilities import Quota

SPACING = "spacing"
EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """So many posts with so many images in all went out at `at`."""

    at: datetime
    posts: int
    images: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """What a platform said of one of its quotas: after `seen_at`, `remaining` units until `resets_at`."""

    quota: Quota
    remaining: int
    seen_at: datetime
    resets_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What all posts of a channel, or of an application, have to pass."""

    quotas: Collection[Quota]
    spent: Sequence[Spent] = ()
    ceilings: Collection[Ceiling] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A delivery that may go out from `at` on, and after `latest` no more without a person."""

    id: int
    channel: int
    at: datetime
    latest: datetime
    images: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """When it goes out by itself, None when that would be too late; `held_by` is the quota it waited for."""

    id: int
    at: datetime | None
    held_by: Quota | None


def application_of(platform: str, base_url: str, application: str) -> str:
    """One name for what shares the quotas that are not a channel's own: platform, host and app or bot."""
    return f"{platform} {application} {urlsplit(base_url).netloc}"[:200]


def spacing(seconds: int) -> Quota:
    """The distance between two posts of a channel, as a quota."""
    return Quota(name=SPACING, limit=1, window_s=seconds, scope="channel", unit="posts", per_post=1)


def turns(queue: Iterable[Waiting], gates: Mapping[int, Sequence[Gate]]) -> Iterator[Turn]:
    """Every delivery's turn, in the order of the turns.

    On each channel the next turn is that of the first in `queue` whose time has come. `gates` holds each
    channel's gates; a gate that several channels share is one object.
    """
    meters = {id(gate): _meters(gate) for shared in gates.values() for gate in shared}
    passing = {channel: [m for gate in shared for m in meters[id(gate)]] for channel, shared in gates.items()}
    lines: dict[int, _Line] = defaultdict(_Line)
    for place, one in enumerate(queue):
        lines[one.channel].add(place, one)
    heads = [(*line.first(EARLIEST), channel) for channel, line in lines.items()]
    heapq.heapify(heads)
    held_by: dict[int, Quota] = {}
    while heads:
        at, place, channel = heapq.heappop(heads)
        line = lines[channel]
        if (first := line.first(at)) != (at, place):
            heapq.heappush(heads, (*first, channel))
            continue
        one = line.head
        opens_at, full = _opening(passing[channel], one.images, at)
        too_late = opens_at > one.latest
        if full and not too_late:
            held_by[channel] = full
            heapq.heappush(heads, (opens_at, place, channel))
            continue
        waited = held_by.get(channel) if at > one.at else None
        yield Turn(id=one.id, at=None if too_late else at, held_by=full or waited)
        if not too_late:
            for meter in passing[channel]:
                meter.spend(one.images, at)
        line.leave()
        if line:
            heapq.heappush(heads, (*line.first(at), channel))


class _Line:
    """The posts of a channel: those whose time has come, by their places, and those that come later."""

    def __init__(self) -> None:
        self._coming: list[tuple[datetime, int, Waiting]] = []
        self._here: list[tuple[int, Waiting]] = []

    def __len__(self) -> int:
        return len(self._coming) + len(self._here)

    @property
    def head(self) -> Waiting:
        """Whose turn is next, as `first` found it."""
        return self._here[0][1]

    def add(self, place: int, one: Waiting) -> None:
        heapq.heappush(self._coming, (one.at, place, one))

    def first(self, at: datetime) -> tuple[datetime, int]:
        """From `at` on, when somebody is here, and the place of the first of them; `at` never goes back."""
        if not self._here:
            at = max(at, self._coming[0][0])
        while self._coming and self._coming[0][0] <= at:
            _, place, one = heapq.heappop(self._coming)
            heapq.heappush(self._here, (place, one))
        return at, self._here[0][0]

    def leave(self) -> None:
        heapq.heappop(self._here)


class _Meter(Protocol):
    quota: Quota

    def opens_at(self, images: int, at: datetime) -> datetime:
        """The earliest instant from `at` on when a post with these images fits; `at` never goes back."""
        ...

    def spend(self, images: int, at: datetime) -> None:
        """Count a post."""
        ...


def _meters(gate: Gate) -> list[_Meter]:
    rolling = [_Rolling(quota, gate.spent) for quota in gate.quotas]
    return [*rolling, *(_Announced(ceiling, gate.spent) for ceiling in gate.ceilings)]


def _opening(meters: Iterable[_Meter], images: int, at: datetime) -> tuple[datetime, Quota | None]:
    """When all of them let it pass, and which one does last; none when it passes at once."""
    opens_at, full = at, None
    for meter in meters:
        if (its := meter.opens_at(images, at)) > opens_at:
            opens_at, full = its, meter.quota
    return opens_at, full


class _Rolling:
    """A rolling window; what is larger than the whole quota passes alone."""

    def __init__(self, quota: Quota, spent: Iterable[Spent]) -> None:
        self.quota = quota
        self._window = timedelta(seconds=quota.window_s)
        costs = ((one.at, quota.cost(posts=one.posts, images=one.images)) for one in spent)
        self._log = deque(sorted(cost for cost in costs if cost[1]))
        self._total = sum(cost for _, cost in self._log)

    def opens_at(self, images: int, at: datetime) -> datetime:
        while self._log and self._log[0][0] + self._window <= at:
            self._total -= self._log.popleft()[1]
        cost = self.quota.cost(posts=1, images=images)
        excess = self._total + min(cost, self.quota.limit) - self.quota.limit
        opens_at = at
        for spent_at, units in self._log if cost else ():
            if excess <= 0:
                break
            excess -= units
            opens_at = spent_at + self._window
        return opens_at

    def spend(self, images: int, at: datetime) -> None:
        if cost := self.quota.cost(posts=1, images=images):
            self._log.append((at, cost))
            self._total += cost


class _Announced:
    """What is left of a window as the platform told it."""

    def __init__(self, ceiling: Ceiling, spent: Iterable[Spent]) -> None:
        self.quota = ceiling.quota
        self._resets_at = ceiling.resets_at
        later = (one for one in spent if one.at > ceiling.seen_at)
        used = sum(self.quota.cost(posts=one.posts, images=one.images) for one in later)
        self._remaining = ceiling.remaining - used

    def opens_at(self, images: int, at: datetime) -> datetime:
        fits = self.quota.cost(posts=1, images=images) <= max(self._remaining, 0)
        return at if fits or at >= self._resets_at else self._resets_at

    def spend(self, images: int, at: datetime) -> None:
        if at < self._resets_at:
            self._remaining -= self.quota.cost(posts=1, images=images)
