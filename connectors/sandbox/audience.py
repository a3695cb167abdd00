"""The seeded audience: who follows, and how many react to a post as it ages. The same seed, the same crowd.

Everything is a function of the seed, the account's name, the post's text and its age, so the order of calls
never matters and counters only rise.
"""

import hashlib
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

from connectors.sandbox.world import AccountState, Post, World

HALF_LIFE_H = 5.0
SLOW_SHARE = 0.15
SLOW_HALF_LIFE_H = 120.0
RATES: Mapping[str, Mapping[str, float]] = {
    "bluesky": {"like": 0.012, "repost": 0.0028, "reply": 0.0011, "quote": 0.0005, "bookmark": 0.0008},
    "mastodon": {"like": 0.009, "repost": 0.0046, "reply": 0.0010, "quote": 0.0002},
    "gotosocial": {"like": 0.009, "repost": 0.0046, "reply": 0.0010, "quote": 0.0002},
    "wordpress": {"comment": 0.0006},
    "telegram": {"reaction": 0.006},
}


@runtime_checkable
class Told(Protocol):
    """A face that pushes changed counters to its clients instead of answering questions about them."""

    def counters_changed(self, post: Post) -> None:
        """A post's counters are not what they were."""
        ...


class Audience:
    """Moves followers and reactions to the sandbox's present."""

    def __init__(self, world: World, faces: Mapping[str, object]) -> None:
        self._world = world
        self._faces = faces

    def react(self) -> None:
        """Let everyone follow and react up to now; nothing is ever taken back."""
        now = self._world.now()
        for account in self._world.accounts.values():
            account.followers = followers_at(self._world.seed, account, now)
        for post in self._world.posts.values():
            if post.visible:
                self._react_to(post, now)

    def tell(self, post: Post) -> None:
        """Let the face know that a post's counters moved."""
        face = self._faces[post.platform]
        if isinstance(face, Told):
            face.counters_changed(post)

    def _react_to(self, post: Post, now: datetime) -> None:
        before = dict(post.audience)
        for kind, count in reactions_at(self._world.seed, post, now).items():
            post.audience[kind] = max(count, before.get(kind, 0))
        if post.audience != before:
            self.tell(post)


def opening_followers(seed: int, account: AccountState) -> int:
    """How many follow an account from its first day: 400 to 60 000, small ones far more often."""
    return round(400 * math.exp(5 * _draw(seed, account.platform, account.name, "size")))


def followers_at(seed: int, account: AccountState, now: datetime) -> int:
    """Followers after some weeks of steady growth (-0.3 to +2.2 % a week) with daily ups and downs."""
    weeks = max((now - account.created_at).total_seconds(), 0) / 604_800
    weekly = -0.003 + 0.025 * _draw(seed, account.platform, account.name, "growth")
    sway = _draw(seed, account.platform, account.name, now.date()) - 0.5 if weeks >= 1 / 7 else 0.0
    return round(account.base_followers * (math.exp(weekly * weeks) + 0.0008 * sway))


def reactions_at(seed: int, post: Post, now: datetime) -> dict[str, int]:
    """Reactions by our word after the post's age: most in the first hours, a few for weeks.

    Between two posts of one account there can be a factor of ten.
    """
    age_h = max((now - post.at).total_seconds(), 0) / 3600
    draws = (_draw(seed, post.platform, post.account.name, post.text, turn) for turn in range(3))
    luck = math.exp(1.6 * (sum(draws) - 1.5))
    crowd = math.pow(post.account.base_followers, 0.85) * 3 * luck * _ripeness(age_h)
    return {
        kind: int(crowd * rate * (0.6 + 0.8 * _draw(seed, post.platform, post.account.name, post.text, kind)))
        for kind, rate in RATES[post.platform].items()
    }


def _ripeness(age_h: float) -> float:
    """The share of all reactions that have come after so many hours, from 0 towards 1."""
    fast = 1 - math.exp2(-age_h / HALF_LIFE_H)
    slow = 1 - math.exp2(-age_h / SLOW_HALF_LIFE_H)
    return (1 - SLOW_SHARE) * fast + SLOW_SHARE * slow


def _draw(*parts: object) -> float:
    """A number from 0 up to 1 that depends on the parts only."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2**56
