"""Figures that may be absent: a number, or the reason why there is none. Absent is never 0."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple


class Reason(StrEnum):
    """Why there is no number; where several apply, the first in this order is told."""

    NOT_READ = "not_read"
    NOT_GIVEN = "not_given"
    GONE = "gone"
    DEFINITION_CHANGED = "definition_changed"
    BASE_INCOMPLETE = "base_incomplete"
    NOT_OVER = "not_over"
    NOT_ENTERED = "not_entered"
    TOO_OLD = "too_old"
    NOTHING_TO_READ = "nothing_to_read"
    NO_DEFINITION = "no_definition"


IN_ORDER = tuple(Reason)
NO_GAP = frozenset((Reason.NO_DEFINITION, Reason.NOTHING_TO_READ))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number, or None with its reason. It covers `known` of the `of` channels that could report it."""

    value: int | None
    reason: Reason | None = None
    known: int = 0
    of: int = 0

    @property
    def partial(self) -> bool:
        """True for a number that leaves out channels which could not report it."""
        return self.value is not None and self.known < self.of


class Part(NamedTuple):
    """What one channel contributes to a figure; `whole` says that nothing of it is missing."""

    channel: int
    value: int | None
    reason: Reason | None = None
    whole: bool = True


@lru_cache(maxsize=1024)
def exactly(count: int) -> Figure:
    """A figure of our own books, which is never absent."""
    return Figure(value=count)


@cache
def absent(reason: Reason) -> Figure:
    """No number, and why."""
    return Figure(value=None, reason=reason)


def add_up(parts: Iterable[Part]) -> Figure:
    """The sum of what is known, absent only when nothing is.

    A channel whose platform has no such figure, or with nothing to read, is no gap in a sum over others.
    """
    every = list(parts)
    if len(every) == 1:
        return _alone(every[0])
    reasons: set[Reason | None] = set()
    channels: set[int] = set()
    gaps: set[int] = set()
    values: list[int] = []
    for part in every:
        reasons.add(part.reason)
        if part.reason in NO_GAP:
            continue
        channels.add(part.channel)
        if part.value is None or not part.whole:
            gaps.add(part.channel)
        if part.value is not None:
            values.append(part.value)
    if not channels:
        return absent(first_reason(reasons or {Reason.NOTHING_TO_READ}))
    return Figure(
        value=sum(values) if values else None,
        reason=None if values else first_reason(reasons - NO_GAP),
        known=len(channels) - len(gaps),
        of=len(channels),
    )


def _alone(part: Part) -> Figure:
    """The sum of one part, as most are: in half the time."""
    _, value, reason, whole = part
    if reason in NO_GAP:
        return absent(reason or Reason.NOTHING_TO_READ)
    if value is None:
        return Figure(value=None, reason=reason or Reason.NOT_READ, of=1)
    return Figure(value=value, known=int(whole), of=1)


def join(figures: Iterable[Figure]) -> Figure:
    """What `add_up` makes of all the parts of these figures together, which have no channel in common."""
    every = list(figures)
    told = [one for one in every if one.of]
    if not told:
        return absent(first_reason({one.reason for one in every} or {Reason.NOTHING_TO_READ}))
    values = [one.value for one in told if one.value is not None]
    return Figure(
        value=sum(values) if values else None,
        reason=None if values else first_reason({one.reason for one in told}),
        known=sum([one.known for one in told]),
        of=sum([one.of for one in told]),
    )


def difference(now: Figure, before: Figure) -> Figure:
    """How far a figure moved; absent when either is."""
    if now.value is None or before.value is None:
        return absent(first_reason([now.reason, before.reason]))
    return Figure(value=now.value - before.value, known=now.known, of=now.of)


def first_reason(reasons: Collection[Reason | None]) -> Reason:
    """The one of several reasons to tell."""
    return next((reason for reason in IN_ORDER if reason in reasons), Reason.NOT_READ)
