"""Everything that exists in the sandbox: accounts, posts, counters, and the log of how it came about."""

import hashlib
import re
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from connectors.sandbox.clock import SandboxClock
from connectors.sandbox.log import Effect, Log, LogEntry
from connectors.sandbox.quotas import QuotaBook

Standing: TypeAlias = Literal["ok", "read_only", "revoked"]

KINDS: Mapping[str, Mapping[str, str]] = {
    "bluesky": {
        "like": "likeCount",
        "repost": "repostCount",
        "reply": "replyCount",
        "quote": "quoteCount",
        "bookmark": "bookmarkCount",
    },
    "mastodon": {
        "like": "favourites_count",
        "repost": "reblogs_count",
        "reply": "replies_count",
        "quote": "quotes_count",
    },
    "wordpress": {"comment": "comments"},
    "telegram": {"reaction": "reactions"},
}


def kinds_of(platform: str) -> Mapping[str, str]:
    """The reactions a platform knows, by our word, with the platform's own counter name."""
    return KINDS["mastodon" if platform == "gotosocial" else platform]


@dataclass(slots=True, kw_only=True, eq=False)
class AccountState:
    """One account on one face; `secret` is what its owner was given, `native` what the face keeps on it."""

    platform: str
    name: str
    handle: str
    remote_id: str
    base_url: str
    created_at: datetime
    secret: dict[str, str] = field(repr=False)
    standing: Standing = "ok"
    base_followers: int = 0
    followers: int = 0
    native: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(slots=True, kw_only=True, eq=False)
class Post:
    """A post that was visible at least once; `counts` are explicit reactions plus the audience's."""

    account: AccountState
    remote_id: str
    url: str
    text: str
    language: str
    alts: tuple[str, ...]
    key: str
    at: datetime
    aliases: tuple[str, ...] = ()
    edited_at: datetime | None = None
    visible: bool = True
    native: dict[str, Any] = field(default_factory=dict, repr=False)
    added: Counter[str] = field(default_factory=Counter)
    audience: dict[str, int] = field(default_factory=dict)

    @property
    def platform(self) -> str:
        """The face it is on."""
        return self.account.platform

    def count(self, kind: str) -> int:
        """How many reactions of one kind it has."""
        return self.added[kind] + self.audience.get(kind, 0)

    def counters(self) -> dict[str, int]:
        """Every counter under the platform's own name."""
        return {native: self.count(kind) for kind, native in kinds_of(self.platform).items()}


class World:
    """The state behind one lock. Ids and secrets follow from the seed and the names, so runs are alike."""

    def __init__(self, *, seed: int = 1, url: str = "") -> None:
        self.seed = seed
        self.url = url
        self.lock = threading.RLock()
        self.clock = SandboxClock()
        self.log = Log()
        self.quotas = QuotaBook()
        self.strict_rotation = False
        self.accounts: dict[tuple[str, str], AccountState] = {}
        self.posts: dict[str, Post] = {}
        self._known: dict[tuple[str, str], AccountState] = {}
        self._aliases: dict[str, str] = {}
        self._serials: Counter[str] = Counter()

    def now(self) -> datetime:
        """The sandbox's present (aware UTC)."""
        return self.clock.now()

    def serial(self, sequence: str) -> int:
        """The next number of a named sequence, from 1."""
        self._serials[sequence] += 1
        return self._serials[sequence]

    def digest(self, *parts: object) -> bytes:
        """32 bytes that depend on the seed and the parts only."""
        return hashlib.sha256("\x1f".join(map(str, (self.seed, *parts))).encode()).digest()

    def number(self, *parts: object) -> int:
        """A number below 2**63 that depends on the seed and the parts only."""
        return int.from_bytes(self.digest(*parts)[:8], "big") >> 1

    def add_account(self, account: AccountState) -> None:
        """Let an account exist; ValueError when its name is taken."""
        if (account.platform, account.name) in self.accounts:
            raise ValueError(f"{account.platform} already has an account {account.name!r}")
        self.accounts[account.platform, account.name] = account
        for name in (account.handle, account.remote_id):
            self._known[account.platform, name] = account

    def known(self, platform: str, name: str) -> AccountState | None:
        """The account whose handle or remote id this is exactly, if any."""
        return self._known.get((platform, name))

    def account(self, platform: str, handle: str) -> AccountState:
        """The account by name or handle; LookupError when there is none."""
        name = plain_name(platform, handle)
        if found := self.accounts.get((platform, name)):
            return found
        raise LookupError(f"no {platform} account {handle!r}")

    def publish(self, post: Post) -> None:
        """Make a post visible and write it down."""
        self.posts[post.remote_id] = post
        self._aliases |= dict.fromkeys(post.aliases, post.remote_id)
        self.note(post, "create")

    def edit(self, post: Post, *, text: str, language: str, alts: tuple[str, ...]) -> None:
        """Replace what people see of a post and write it down."""
        post.text, post.language, post.alts, post.edited_at = text, language, alts, self.now()
        self.note(post, "edit")

    def remove(self, post: Post) -> None:
        """Take a post from sight and write it down."""
        post.visible = False
        self.note(post, "delete")

    def find(self, remote_id: str) -> Post:
        """The post by its id, or by another form of it that clients use; LookupError when there is none."""
        found = self.posts.get(remote_id) or self.posts.get(self._aliases.get(remote_id, ""))
        if found is None:
            raise LookupError(f"no post {remote_id!r}")
        return found

    def note(self, post: Post, effect: Effect, *, applied: bool = True) -> None:
        """Write down an effect on a post."""
        self.record(
            post.account,
            effect,
            remote_id=post.remote_id,
            text=post.text,
            language=post.language,
            media_count=len(post.alts),
            key=post.key,
            applied=applied,
        )

    def record(self, account: AccountState, effect: Effect, **facts: Any) -> None:
        """Write down an effect of an account; `facts` are further fields of LogEntry."""
        self._append(platform=account.platform, account=account.handle, effect=effect, **facts)

    def record_failure(self, platform: str, effect: Effect, text: str) -> None:
        """Write down a call that changed nothing and whose account is not known."""
        self._append(platform=platform, account="", effect=effect, text=text, applied=False)

    def _append(self, **facts: Any) -> None:
        self.log.append(LogEntry(seq=self.log.next_seq(), at=self.now(), **facts))


def plain_name(platform: str, handle: str) -> str:
    """The account's name in the sandbox: without `@`, host and the characters its platform lacks."""
    name = re.split(r"[@.]", handle.strip().lstrip("@"), maxsplit=1)[0].lower()
    return name if platform in ("bluesky", "wordpress") else name.replace("-", "_")
