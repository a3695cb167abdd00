"""What a channel's own history says about why a post did well or badly there: nothing while it is thin."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from zoneinfo import ZoneInfo

from scheduler.core.grown import Grown
from scheduler.core.hours import BAND_HOURS
from scheduler.core.intervals import estimate

LEAST = 8
"""Publications that a median, and either side of a comparison, needs."""
LENGTHS = (0, 101, 281, 1001)
"""Bands of length by their least count of characters."""


class Format(StrEnum):
    """What a post is made of, by the first of these that it has."""

    VIDEO = "video"
    IMAGE = "image"
    LINK = "link"
    TEXT = "text"


class Trait(StrEnum):
    """By what publications of a channel are told apart."""

    FORMAT = "format"
    LENGTH = "length"
    HOUR = "hour"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """How a post was made for a channel; `length` in characters."""

    language: str
    length: int
    format: Format


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Publications with something in common and their mean response at the age of a day."""

    count: int
    mean: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Publications of the channel that share this with the post, and the others; their intervals part.

    `value` is a format, a language, or the least length or first hour of a band.
    """

    trait: Trait
    value: str
    alike: Side
    others: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A post on a channel beside `count` others of the channel, all at the age of a day.

    `responses` is None where it was not looked at then, `median` below 8 others.
    """

    channel: str
    responses: int | None
    median: float | None
    count: int
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class History:
    """What is known of one channel: its publications at the age of a day, and how each post was made."""

    zone: ZoneInfo
    grown: Sequence[Grown]
    made: Mapping[int, Made]


def why(channel: str, post_id: int, history: History, *, good: bool) -> Why:
    """Why a post did well, or badly, on a channel.

    Only what points the way the post went: of a good one above the channel's median, what brings more than
    the rest; of a bad one below it, what brings less.
    """
    others = [one for one in history.grown if one.post_id != post_id]
    own = next((one for one in history.grown if one.post_id == post_id), None)
    middle = float(median(one.responses for one in others)) if len(others) >= LEAST else None
    claims: tuple[Claim, ...] = ()
    if own and middle is not None and (own.responses > middle if good else own.responses < middle):
        claims = tuple(_claims(own, others, history, good=good))
    return Why(
        channel=channel,
        responses=own.responses if own else None,
        median=middle,
        count=len(others),
        claims=claims,
    )


def _claims(own: Grown, others: Sequence[Grown], history: History, *, good: bool) -> Iterable[Claim]:
    for trait, value in _traits(own, history).items():
        sides: dict[bool, list[float]] = {True: [], False: []}
        for one in others:
            known = _traits(one, history).get(trait)
            if known is not None:
                sides[known == value].append(float(one.responses))
        if min(map(len, sides.values())) < LEAST:
            continue
        alike, rest = estimate(sides[True]), estimate(sides[False])
        if alike.exceeds(rest) if good else rest.exceeds(alike):
            yield Claim(
                trait=trait,
                value=value,
                alike=Side(count=alike.count, mean=alike.mean),
                others=Side(count=rest.count, mean=rest.mean),
            )


def _traits(one: Grown, history: History) -> dict[Trait, str]:
    hour = one.published_at.astimezone(history.zone).hour
    found = {Trait.HOUR: str(hour // BAND_HOURS * BAND_HOURS)}
    if made := history.made.get(one.post_id):
        length = max(least for least in LENGTHS if least <= made.length)
        found |= {Trait.FORMAT: made.format.value, Trait.LENGTH: str(length), Trait.LANGUAGE: made.language}
    return found
