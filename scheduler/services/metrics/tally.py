"""What a harvest has brought in so far, and what is told of it at the end."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scheduler.services.metrics.rationing import Allowed
from scheduler.store.metrics.samples import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """How many readings of a channel failed for one reason."""

    channel: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestSummary:
    """What a harvest brought in: readings by how they ended, and the samples they made.

    `waiting` publications are read later, to keep to a platform's quota; `unpaid` ones wait for money.
    `left_to_another`: nothing was read, because another process was reading.
    """

    publications: int
    audiences: int
    samples: int
    gone: int
    waiting: int
    unpaid: int
    failures: tuple[Failure, ...]
    left_to_another: bool = False

    @property
    def failed(self) -> int:
        """How many readings failed."""
        return sum(failure.count for failure in self.failures)


@dataclass(slots=True, kw_only=True)
class Tally:
    """The counts of a harvest under way; `opens_at` is when the first that waits for a quota may be read."""

    seen: Counter[str] = field(default_factory=Counter)
    failed: Counter[tuple[int, str]] = field(default_factory=Counter)
    samples: int = 0
    waiting: int = 0
    unpaid: int = 0
    opens_at: datetime | None = None

    def hold_back(self, allowed: Allowed) -> None:
        """Count what is not read now."""
        self.unpaid += allowed.unpaid
        if allowed.opens_at:
            self.waiting += sum(at == allowed.opens_at for _, at in allowed.put_off.values())
            self.opens_at = min(self.opens_at or allowed.opens_at, allowed.opens_at)

    def add(self, observations: Sequence[Observation], samples: int) -> None:
        """Count what was read, and the samples that it made."""
        self.samples += samples
        for seen in observations:
            subject = "audiences" if seen.publication_id is None else "publications"
            self.seen[subject if seen.status == "read" else seen.status] += 1
            if seen.status == "failed":
                self.failed[seen.channel_id, seen.reason] += 1

    def summary(self, names: Mapping[int, str]) -> HarvestSummary:
        """All counts, with the channels' names for their ids."""
        return HarvestSummary(
            publications=self.seen["publications"],
            audiences=self.seen["audiences"],
            samples=self.samples,
            gone=self.seen["gone"],
            waiting=self.waiting,
            unpaid=self.unpaid,
            failures=tuple(
                Failure(channel=names[channel_id], reason=reason, count=count)
                for (channel_id, reason), count in sorted(self.failed.items())
            ),
        )
