"""What is out of a channel's own ordinary: its silence, a jump, a counter that stands still.

Each says nothing while the channel's history is too thin to know what is ordinary.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import ceil
from statistics import median

LEAST_GAPS = 8
LEAST_WEEKS = 8
LEAST_MOVING_WEEKS = 6
NINE_IN_TEN = 0.9
FAR_OFF = 3.5
SIGMA_OF_MAD = 1.4826
LEAST_SPREAD = 1.0
PART_OF_LEVEL = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often a channel publishes: 9 in 10 of its `gaps` were of `usual` days at most."""

    gaps: int
    usual: int

    @property
    def limit(self) -> int:
        """Days without a publication that are still ordinary: half as many again, one at least."""
        return self.usual + max(1, ceil(self.usual / 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """A week far from the weeks before it: what it brought, their median and their usual distance from it."""

    brought: int
    usual: int
    spread: int
    weeks: int


def rhythm(days: Sequence[date]) -> Rhythm | None:
    """The rhythm of a channel that published on these days, in order; None below 8 gaps."""
    distinct = sorted(set(days))
    gaps = sorted((later - earlier).days for earlier, later in pairwise(distinct))
    if len(gaps) < LEAST_GAPS:
        return None
    return Rhythm(gaps=len(gaps), usual=gaps[ceil(NINE_IN_TEN * len(gaps)) - 1])


def jump(weeks: Sequence[int], brought: int, *, level: int) -> Jump | None:
    """The jump that a week was after these weeks, or None: also below 8 of them.

    By the modified z-score of Iglewicz and Hoaglin (How to Detect and Handle Outliers, 1993): more than 3.5
    median absolute deviations, scaled to a normal spread, off the median. Their spread counts as one follower
    or a thousandth of the level at least: in a history that hardly moves every step would be a jump.
    """
    if len(weeks) < LEAST_WEEKS:
        return None
    middle = median(weeks)
    deviation = median(abs(week - middle) for week in weeks) * SIGMA_OF_MAD
    spread = max(deviation, LEAST_SPREAD, level * PART_OF_LEVEL)
    if abs(brought - middle) <= FAR_OFF * spread:
        return None
    return Jump(brought=brought, usual=round(middle), spread=ceil(spread), weeks=len(weeks))


def stands_still(weeks: Sequence[int]) -> bool:
    """True of a counter that does not move now and did in every one of 6 weeks or more before."""
    return len(weeks) >= LEAST_MOVING_WEEKS and all(weeks)
