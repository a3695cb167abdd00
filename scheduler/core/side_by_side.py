"""The same post in its languages, side by side: what each brought at the age of a day, gaps as gaps."""

from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.core.figures import Figure, Part, Reason, add_up

THOUSAND = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A publication of the post; `responses` at the age of a day and `followers` now, None for unknown.

    `countable` says that the platform reports responses at all.
    """

    channel_id: int
    channel: str
    language: str
    countable: bool
    responses: int | None
    followers: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageSide:
    """A post in one language; `per_thousand` is over the channels of which both figures are known."""

    language: str
    channels: tuple[str, ...]
    responses: Figure
    followers: Figure
    per_thousand: float | None


def side_by_side(places: Iterable[Place]) -> tuple[LanguageSide, ...]:
    """The languages in the order of their tags."""
    by_language: dict[str, list[Place]] = {}
    for place in sorted(places, key=lambda place: (place.language, place.channel)):
        by_language.setdefault(place.language, []).append(place)
    return tuple(_side(language, found) for language, found in by_language.items())


def _side(language: str, places: list[Place]) -> LanguageSide:
    both = [(one.responses, one.followers) for one in places if one.responses is not None and one.followers]
    followers = sum(count or 0 for _, count in both)
    return LanguageSide(
        language=language,
        channels=tuple(one.channel for one in places),
        responses=add_up(_part(one, one.responses, countable=one.countable) for one in places),
        followers=add_up(_part(one, one.followers, countable=True) for one in places),
        per_thousand=sum(responses for responses, _ in both) * THOUSAND / followers if followers else None,
    )


def _part(place: Place, value: int | None, *, countable: bool) -> Part:
    reason = None if value is not None else Reason.NOT_READ if countable else Reason.NO_DEFINITION
    return Part(channel=place.channel_id, value=value, reason=reason)
