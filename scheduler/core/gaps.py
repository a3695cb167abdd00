"""Which looks at a publication its age asked for, and which of them nobody made."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from scheduler.core.cadence import LOOK_AGES, Rule

GRACE = timedelta(hours=1)
"""A look is not missing before it is this late."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """How many looks were due, and how many of them are missing."""

    due: int = 0
    missed: int = 0

    def __add__(self, other: "Gaps") -> "Gaps":
        return Gaps(self.due + other.due, self.missed + other.missed)


def gaps(published_at: datetime, rule: Rule, looks: Collection[datetime], *, until: datetime) -> Gaps:
    """Of the looks at 1 h, 6 h, 1 d, 7 d and 28 d that were due before `until`.

    A late look stands for the one before it until the next is due. Of a billed platform one a day is due.
    """
    due = _due(published_at, rule, until)
    made = sum(any(start <= look < end for look in looks) for start, end in pairwise([*due, until]))
    return Gaps(len(due), len(due) - made)


def _due(published_at: datetime, rule: Rule, until: datetime) -> list[datetime]:
    last = rule.ends_at(published_at)
    asked = [published_at + age for age in LOOK_AGES if last is None or published_at + age < last]
    if rule.billed:
        asked = sorted({at.date(): at for at in asked}.values())
    return [at for at in asked if at + GRACE <= until]
