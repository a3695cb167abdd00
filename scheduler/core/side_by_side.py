"""The same post in its languages, side by side: what each brought at the age of a day, gaps as gaps."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import NamedTuple

from scheduler.core.figures import Figure, Part, Reason, add_up
from scheduler.core.intervals import RULE_OF_THREE, Estimate, estimate

THOUSAND = 1000
LEAST = 8
"""Posts that a language needs before anything is said of it."""
SHOWN = 5


class Appearance(NamedTuple):
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
    """A post in one language; `per_thousand` is over the channels of which both figures are known.

    These have `counted_followers`, 0 in reports of before 2026-11-23.
    """

    language: str
    channels: tuple[str, ...]
    responses: Figure
    followers: Figure
    per_thousand: float | None
    counted_followers: int = 0


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


class Times(NamedTuple):
    """A post in one language in multiples of its mean over `languages`, and the responses of that mean."""

    value: float
    expected: float
    languages: tuple[str, ...]


def compare_languages(posts: Iterable[PostSides]) -> tuple[LanguageShare, ...]:
    """Every language of the posts by its tag; a post counts where two of them are known per follower.

    Each post weighs the same, so that one with much response does not speak for all.
    """
    found: dict[str, list[Times]] = defaultdict(list)
    for post in posts:
        known = {one.language: one.per_thousand for one in post.sides if one.per_thousand is not None}
        mean = fmean(known.values()) if len(known) > 1 else 0.0
        for side in post.sides:
            found[side.language] += _times(side, mean, tuple(known))
    unseen = {language: _unseen(times) for language, times in found.items()}
    return tuple(
        LanguageShare(
            language=language,
            posts=len(times),
            estimate=_estimate(times, unseen[language], unseen) if len(times) >= LEAST else None,
        )
        for language, times in sorted(found.items())
    )


def _times(side: LanguageSide, mean: float, languages: tuple[str, ...]) -> list[Times]:
    if side.per_thousand is None or not mean:
        return []
    return [Times(side.per_thousand / mean, mean * side.counted_followers / THOUSAND, languages)]


def _unseen(times: Sequence[Times]) -> float:
    """Up to how many times the posts' means a language may bring that brought nothing; 0 for the others.

    By the rule of three, c = 3 / (responses expected of it at those means).
    """
    silent = times and not any(one.value for one in times)
    return RULE_OF_THREE / sum(one.expected for one in times) if silent else 0.0


def _estimate(times: Sequence[Times], own: float, unseen: Mapping[str, float]) -> Estimate:
    """What a silent language may bring belongs to the mean of its posts: it lifts its own most from 0, and
    lowers the least of the k languages beside it.

    The mean grows by (k + c) / k: c times the old mean are c k / (c + k) times the new, v are v k / (k + c).
    """
    known = estimate([one.value for one in times])
    if own:
        return replace(known, high=fmean(own * _kept(one, [own]) for one in times))
    least = fmean(one.value * _kept(one, [unseen[other] for other in one.languages]) for one in times)
    return replace(known, low=known.low * least / known.mean)


def _kept(one: Times, unseen: Iterable[float]) -> float:
    """What is left of the multiple when the languages of the post brought what nobody saw."""
    count = len(one.languages)
    return count / (count + sum(unseen))


def most_answered(posts: Iterable[PostSides]) -> tuple[PostSides, ...]:
    """The five posts that brought most at the age of a day; none of which nothing is known."""
    known = [post for post in posts if post.responses]
    return tuple(sorted(known, key=lambda post: (-post.responses, post.ref))[:SHOWN])


def side_by_side(appearances: Iterable[Appearance]) -> tuple[LanguageSide, ...]:
    """The languages in the order of their tags."""
    by_language: dict[str, list[Appearance]] = {}
    for one in sorted(appearances, key=lambda one: (one.language, one.channel)):
        by_language.setdefault(one.language, []).append(one)
    return tuple(_side(language, found) for language, found in by_language.items())


def _side(language: str, appearances: list[Appearance]) -> LanguageSide:
    both = [
        (one.responses, one.followers) for one in appearances if one.responses is not None and one.followers
    ]
    followers = sum(count or 0 for _, count in both)
    return LanguageSide(
        language=language,
        channels=tuple(one.channel for one in appearances),
        responses=add_up(_part(one, one.responses, countable=one.countable) for one in appearances),
        followers=add_up(_part(one, one.followers, countable=True) for one in appearances),
        per_thousand=sum(responses for responses, _ in both) * THOUSAND / followers if followers else None,
        counted_followers=followers,
    )


def _part(one: Appearance, value: int | None, *, countable: bool) -> Part:
    reason = None if value is not None else Reason.NOT_READ if countable else Reason.NO_DEFINITION
    return Part(channel=one.channel_id, value=value, reason=reason)
