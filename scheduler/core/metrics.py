"""Counters and levels: what a new observation adds, and what may be added to what.

A publication of ours starts with every counter at 0 at `published_at`: that zero is known, so its first
observation counts in full, in the week it was read. Any other counter first seen is a baseline and adds
nothing: what it held before is never spread backwards. A new definition version starts a new baseline.
"""

from enum import StrEnum
from typing import NamedTuple, TypeAlias

from connectors.capabilities import Family, MetricDefinition

COMMON_SET = (Family.REACTION, Family.COMMENT, Family.SHARE)
PLAIN = "1"
"""The definition version of a counter that can stand as a number."""


class Mark(NamedTuple):
    """Where a counter stands: its last value, the highest under this definition, and all increments."""

    value: int
    high: int
    gained: int
    definition: str


Stand: TypeAlias = int | Mark
"""A mark in short: a number for a counter that has only risen since it was 0, under its first definition."""


class Movement(NamedTuple):
    """What an observation changed; `value` always moved by `increment` + `correction` unless a baseline.

    Of a counter, `increment` is what rose above the high-water mark. `correction` is how far it fell, or
    when positive, how much of an earlier fall it won back. Of a level, `increment` is the signed change.
    """

    value: int
    increment: int
    correction: int = 0
    baseline: bool = False


def observe(
    definition: MetricDefinition, stand: Stand | None, value: int, *, from_zero: bool = False
) -> Movement | None:
    """What `value` changed since it stood there, or None when nothing did.

    `from_zero` says that the counter is known to have begun at 0 when nothing was read of it yet.
    """
    if stand is None and from_zero and not definition.level:
        return Movement(value, value) if value else None
    if isinstance(stand, int) and value > stand and definition.version == PLAIN:
        return Movement(value, value - stand)
    mark = mark_of(stand)
    if mark is None or mark.definition != definition.version:
        return Movement(value, 0, baseline=True)
    if value == mark.value:
        return None
    if definition.level:
        return Movement(value, value - mark.value)
    increment = max(0, value - mark.high)
    return Movement(value, increment, value - mark.value - increment)


def advance(version: str, mark: Mark | None, movement: Movement) -> Mark:
    """The mark after `movement` was read under this version of the definition."""
    value, increment, _, baseline = movement
    if mark is None:
        return Mark(value, value, increment, version)
    high = value if baseline or value > mark.high else mark.high
    return Mark(value, high, mark.gained + increment, version)


def mark_of(stand: Stand | None) -> Mark | None:
    """The mark in full."""
    return Mark(stand, stand, stand, PLAIN) if isinstance(stand, int) else stand


def gained(stand: Stand) -> int:
    """All increments."""
    return stand if isinstance(stand, int) else stand.gained


def move(version: str, stand: Stand | None, movement: Movement) -> Stand:
    """As `advance`, in short."""
    value, increment, _, baseline = movement
    plain = version == PLAIN and not baseline and increment >= 0
    if plain and not isinstance(stand, Mark) and value == (stand or 0) + increment:
        return value
    mark = advance(version, mark_of(stand), movement)
    return value if mark == mark_of(value) else mark


class Axis(StrEnum):
    """Along what figures are put together."""

    DAYS = "days"
    POSTS = "posts"
    CHANNELS = "channels"
    PLATFORMS = "platforms"


class Addition(StrEnum):
    """How figures may be put together along an axis."""

    ADD = "add"
    SAME_DEFINITION = "same_definition"
    SIDE_BY_SIDE = "side_by_side"
    LAST_KNOWN = "last_known"
    FROM_SUMS = "from_sums"
    NEVER = "never"


_EVENTS = {
    Axis.DAYS: Addition.ADD,
    Axis.POSTS: Addition.ADD,
    Axis.CHANNELS: Addition.SAME_DEFINITION,
    Axis.PLATFORMS: Addition.SIDE_BY_SIDE,
}
_LEVELS = {
    Axis.DAYS: Addition.LAST_KNOWN,
    Axis.POSTS: Addition.NEVER,
    Axis.CHANNELS: Addition.ADD,
    Axis.PLATFORMS: Addition.ADD,
}


_BY_FAMILY = {
    **{family: dict.fromkeys(Axis, Addition.ADD) for family in COMMON_SET},
    Family.AUDIENCE: _LEVELS,
    Family.REACH: dict.fromkeys(Axis, Addition.NEVER),
    Family.RATE: dict.fromkeys(Axis, Addition.FROM_SUMS),
    Family.DURATION: {**dict.fromkeys(Axis, Addition.ADD), Axis.PLATFORMS: Addition.SAME_DEFINITION},
}


def addition(definition: MetricDefinition, axis: Axis) -> Addition:
    """How figures of this definition may be put together along `axis`.

    Exposure, clicks and saves mean something else on every platform; the common set means the same. People
    are never added, and a rate is made again from the sums it is a ratio of.
    """
    return _LEVELS[axis] if definition.level else _BY_FAMILY.get(definition.family, _EVENTS)[axis]
