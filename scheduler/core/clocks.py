"""What a clock did that the time that went by does not explain: pure arithmetic on its readings."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

ODD = timedelta(seconds=30)
"""Less than this between two clocks, or two readings of one, is nobody's business."""

DRIFT = 1e-4
"""By how much of itself the time of two clocks may differ that nobody sets right: 9 seconds a day."""

NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A clock said `at` (aware UTC) at some moment between `before_s` and `after_s` of elapsed seconds.

    `counter` is whose seconds these are, as long as the machine is up; empty where nobody can tell.
    """

    at: datetime
    before_s: float
    after_s: float
    counter: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """How far a clock moved by itself, back when negative; `beyond` is how far past any line it was ever on.

    A clock that went back and returns has moved beyond nothing.
    """

    by: timedelta = NOTHING
    beyond: timedelta = NOTHING

    def __add__(self, other: "Step") -> "Step":
        by = self.by + other.by
        return Step(by, max(NOTHING, min(by, self.beyond + other.beyond)))


def step_between(last: Reading, this: Reading, *, furthest: Reading) -> Step:
    """What the clock did by itself between two readings; `furthest` is the latest instant it ever told."""
    return Step(unexplained(last, this), max(NOTHING, unexplained(furthest, this)))


def unexplained(last: Reading, this: Reading) -> timedelta:
    """The part of a difference that elapsed time cannot explain, 0 when it is not odd.

    What a slow answer leaves open is taken in the clock's favour.
    """
    moved = this.at - last.at
    return _odd(
        least=moved - timedelta(seconds=this.after_s - last.before_s),
        most=moved - timedelta(seconds=this.before_s - last.after_s),
    )


def follows(this: Reading, last: Reading) -> bool:
    """Whether the seconds between the two are known: one counter counted both, and did not go back."""
    return bool(this.counter) and this.counter == last.counter and this.before_s >= last.after_s


def aged(reading: Reading, *, at_s: float) -> Reading:
    """The same as it may be relied on at `at_s`: the longer ago, the less is known of when it was."""
    drift_s = (at_s - reading.after_s) * DRIFT
    return replace(reading, before_s=reading.before_s - drift_s, after_s=reading.after_s + drift_s)


def difference(told: Reading, wall: datetime, *, at_s: float) -> timedelta:
    """How far `wall`, read at `at_s` elapsed seconds, is ahead of the told time; 0 when not odd."""
    return unexplained(told, Reading(at=wall, before_s=at_s, after_s=at_s))


def _odd(*, least: timedelta, most: timedelta) -> timedelta:
    if least > ODD:
        return least
    return most if most < -ODD else NOTHING
