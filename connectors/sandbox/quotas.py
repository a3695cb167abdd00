"""Fixed windows counted by the sandbox clock, as the platforms report them in their headers."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """At most `limit` points in each window of `window_s` seconds."""

    name: str
    limit: int
    window_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """A window after a spend; `over` means that this spend did not fit and nothing was counted."""

    quota: Quota
    remaining: int
    reset_at: datetime
    over: bool


class QuotaBook:
    """What each subject has spent. Switched off, nothing is ever over; the numbers still run."""

    def __init__(self) -> None:
        self.enforced = True
        self._spent: dict[tuple[str, str], tuple[int, int]] = {}

    def spend(self, quota: Quota, *, subject: str, now: datetime, points: int = 1) -> Usage:
        """Take `points` from the window that holds `now`."""
        window = int(now.timestamp()) // quota.window_s
        seen, used = self._spent.get((quota.name, subject), (window, 0))
        used = used if seen == window else 0
        over = self.enforced and used + points > quota.limit
        if not over:
            used += points
            self._spent[quota.name, subject] = (window, used)
        return Usage(
            quota=quota,
            remaining=max(quota.limit - used, 0),
            reset_at=datetime.fromtimestamp((window + 1) * quota.window_s, UTC),
            over=over,
        )
