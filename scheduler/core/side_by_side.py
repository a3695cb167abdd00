"""The same post in its languages, side by side: what each brought at the age of a day, gaps as gaps."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from scheduler.core.figures import Figure, Part, Reason, add_up
from scheduler.core.intervals import Estimate, estimate

THOUSAND = 1000
LEAST = 8
"""Posts that a language needs before anything is said of it."""
SHOWN = 5


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PostSides:
    """A post that went out in several languages."""

    ref: str
    sides: tuple[LanguageSide, ...]

    @property
    def responses(self) -> int:
        """What is known of it in all languages together."""
        return sum(side.responses.value or 0 for side in self.sides)


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageShare:
    """What a language brings, in multiples of the mean over the same post's languages.

    `posts` is how many could be compared; no estimate below 8 of them.
    """

    language: str
    posts: int
    estimate: Estimate | None


def compare_languages(posts: Sequence[PostSides]) -> tuple[LanguageShare, ...]:
    """Every language of the posts by its tag; a post counts where two of them are known per follower.

    Each post weighs the same, so that one with much response does not speak for all.
    """
    times: dict[str, list[float]] = defaultdict(list)
    for post in posts:
        known = {one.language: one.per_thousand for one in post.sides if one.per_thousand is not None}
        mean = fmean(known.values()) if len(known) > 1 else 0.0
        for side in post.sides:
            times[side.language] += [known[side.language] / mean] if mean and side.language in known else []
    return tuple(
        LanguageShare(
            language=language,
            posts=len(values),
            estimate=estimate(values) if len(values) >= LEAST else None,
        )
        for language, values in sorted(times.items())
    )


def most_answered(posts: Iterable[PostSides]) -> tuple[PostSides, ...]:
    """The five posts that brought most at the age of a day; none of which nothing is known."""
    known = [post for post in posts if post.responses]
    return tuple(sorted(known, key=lambda post: (-post.responses, post.ref))[:SHOWN])


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
