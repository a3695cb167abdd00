"""Steering a running sandbox from outside, from this process or another one."""

import http.client
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.sandbox.log import LogEntry
from connectors.sandbox.world import Standing

TIMEOUT_S = 60


class ControlRefused(Exception):
    """The sandbox refused a command; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxAccount:
    """What a user would know of an account: `platform` is the connector's name, `secret` what connects it."""

    platform: str
    base_url: str
    handle: str
    remote_id: str
    secret: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisiblePost:
    """A post as the public sees it now; `platform` is the face's name (a Mastodon variant has its own)."""

    platform: str
    account: str
    remote_id: str
    url: str
    text: str
    language: str
    media_count: int
    alts: tuple[str, ...]
    key: str
    at: datetime
    edited_at: datetime | None
    counters: dict[str, int]


class SandboxControl:
    """The control API of the sandbox at `url`; each method raises ControlRefused when it says no."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc

    def create_account(self, platform: str, name: str, *, followers: int | None = None) -> SandboxAccount:
        """A new account on a face: bluesky, mastodon, gotosocial, wordpress or telegram.

        `followers` replaces the seeded audience's size. Characters a platform has not become `_`.
        """
        return SandboxAccount(
            **self._run("create_account", platform=platform, name=name, followers=followers)
        )

    def set_standing(self, platform: str, handle: str, standing: Standing) -> None:
        """Let a secret be `revoked`, or its account `read_only`, or all be `ok` again."""
        self._run("set_standing", platform=platform, handle=handle, standing=standing)

    def set_clock(self, instant: datetime | None) -> None:
        """Stop the sandbox's time at an aware instant; None lets it follow the real clock."""
        self._run("set_clock", instant=instant.isoformat() if instant else None)

    def set_quotas(self, *, enforced: bool) -> None:
        """Enforce the platforms' rate limits (the default), or only report them."""
        self._run("set_quotas", enforced=enforced)

    def set_rotation(self, *, strict: bool) -> None:
        """Take each refresh token once only, or leave a used one the platform's grace (the default)."""
        self._run("set_rotation", strict=strict)

    def react(self) -> None:
        """Let the seeded audience react on everything visible, up to the sandbox's time."""
        self._run("react")

    def add_reaction(self, remote_id: str, kind: str, count: int = 1) -> None:
        """Add single reactions: like, repost, reply, quote, bookmark; comment; reaction."""
        self._run("add_reaction", remote_id=remote_id, kind=kind, count=count)

    def add_followers(self, platform: str, handle: str, count: int) -> None:
        """Let an account gain (or lose) followers."""
        self._run("add_followers", platform=platform, handle=handle, count=count)

    def followers(self, platform: str, handle: str) -> int:
        """How many followers, subscribers or members an account has."""
        return int(self._run("followers", platform=platform, handle=handle))

    def truth(self, remote_id: str) -> dict[str, int]:
        """A post's counters by the platform's own names, as they really are."""
        return dict(self._run("truth", remote_id=remote_id))

    def add_fault(
        self,
        platform: str,
        kind: str,
        *,
        times: int = 1,
        match: str = "",
        method: str | None = None,
        **kind_args: Any,
    ) -> None:
        """Order a fault for the next `times` requests to a face whose path holds `match`.

        Kinds: status, applied_status (status=, body=, headers=), html, error_body (applied=), cut,
        malformed, drop_before, drop_after (reset=), delay (seconds=, before=), rate_limit (retry_after=),
        drip (seconds=, piece=), silence (applied=), duplicate (first done and lost, then status=, body=),
        mistaken (asked=, answered=: parts of path and query that the platform confuses), cut_text (keep=) and
        lose_image (applied with a part of its text, or without its last image). `chance` below 1 leaves out
        some requests, the same ones for the same seed.
        """
        chance = kind_args.pop("chance", 1.0)
        fault = {"times": times, "match": match, "method": method, "chance": chance, "details": kind_args}
        self._run("add_fault", platform=platform, kind=kind, **fault)

    def clear_faults(self) -> int:
        """Forget the faults still to come; answers how many there were."""
        return int(self._run("clear_faults"))

    def log(self, since: int = 0) -> list[LogEntry]:
        """What happened after entry number `since`, in order."""
        return [
            LogEntry(**{**entry, "at": datetime.fromisoformat(entry["at"])})
            for entry in self._run("log", since=since)
        ]

    def posts(self, platform: str | None = None) -> list[VisiblePost]:
        """What the public sees now, oldest first."""
        return [_visible_post(one) for one in self._run("posts", platform=platform)]

    def _run(self, command: str, **wanted: Any) -> Any:
        connection = http.client.HTTPConnection(self._address, timeout=TIMEOUT_S)
        try:
            connection.request(
                "POST", f"/_sandbox/{command}", json.dumps(wanted), {"Content-Type": "application/json"}
            )
            response = connection.getresponse()
            said = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise ControlRefused(said["error"])
        return said["result"]


def _visible_post(one: dict[str, Any]) -> VisiblePost:
    edited_at = datetime.fromisoformat(one["edited_at"]) if one["edited_at"] else None
    dated = {"at": datetime.fromisoformat(one["at"]), "edited_at": edited_at, "alts": tuple(one["alts"])}
    return VisiblePost(**{**one, **dated})
