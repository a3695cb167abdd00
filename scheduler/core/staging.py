"""When what nobody sees is laid out, how long it is relied on, and what a failure of it means (rule 7)."""

from datetime import datetime, timedelta

from connectors.errors import ConnectorError, NeedsReconnect, RateLimited, Rejected, Unsupported
from scheduler.core.outcomes import Decision, decide_by
from scheduler.core.states import State

AHEAD = timedelta(minutes=10)
AGAIN = timedelta(minutes=1)


def stage_at(due_at: datetime, lasts_s: int | None) -> datetime:
    """When laying out begins: ten minutes early, or less where the platform does not keep it that long."""
    return due_at - (AHEAD if lasts_s is None else min(AHEAD, _trusted(lasts_s)))


def still_there(staged_at: datetime | None, lasts_s: int | None, *, now: datetime) -> bool:
    """True for the first half of the time the platform keeps it; `staged_at` None is long ago."""
    if lasts_s is None:
        return True
    return staged_at is not None and now < staged_at + _trusted(lasts_s)


def decide_early(error: ConnectorError, *, due_at: datetime, now: datetime) -> Decision:
    """The decision after an early step failed: held where only a person can help, and there is time for it.

    Everything else leaves it scheduled, and `next_at` is when to try again: None leaves it to the due time.
    """
    if isinstance(error, NeedsReconnect | Rejected | Unsupported):
        state, again_at = State.HELD, None
    else:
        state, again_at = State.SCHEDULED, error.until if isinstance(error, RateLimited) else now + AGAIN
    next_at = again_at if again_at and again_at < due_at else None
    return decide_by(error, state, next_at=next_at, counts=False)


def _trusted(lasts_s: int) -> timedelta:
    return timedelta(seconds=lasts_s / 2)
