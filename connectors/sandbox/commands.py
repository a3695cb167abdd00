"""The control API's commands: each method is one, with the names that `SandboxControl` sends."""

import inspect
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, get_args

from connectors.sandbox.audience import Audience, opening_followers
from connectors.sandbox.faces import Face
from connectors.sandbox.faults import Fault, Faults
from connectors.sandbox.world import Post, Standing, World, kinds_of


class Commands:
    """Runs one command at a time under the world's lock; LookupError, TypeError, ValueError are refusals."""

    def __init__(self, world: World, faces: Mapping[str, Face], faults: Faults) -> None:
        self._world = world
        self._faces = faces
        self._faults = faults
        self._audience = Audience(world, faces)

    def run(self, command: str, wanted: dict[str, Any]) -> dict[str, Any]:
        """Run a command by name; LookupError when there is none such."""
        method = None if command.startswith("_") or command == "run" else getattr(self, command, None)
        if method is None:
            raise LookupError(f"no command {command!r}")
        with self._world.lock:
            return {"result": method(**wanted)}

    def help(self) -> dict[str, str]:
        """Every command with its fields."""
        names = (name for name in dir(self) if not name.startswith("_") and name != "run")
        return {name: str(inspect.signature(getattr(self, name))) for name in names}

    def create_account(self, platform: str, name: str, followers: int | None = None) -> dict[str, Any]:
        """Open an account on a face."""
        if platform not in self._faces:
            raise LookupError(f"no platform {platform!r}; there are {', '.join(self._faces)}")
        account = self._faces[platform].open_account(name)
        self._world.add_account(account)
        given = opening_followers(self._world.seed, account) if followers is None else followers
        account.base_followers = account.followers = given
        return {
            "platform": "mastodon" if platform == "gotosocial" else platform,
            "base_url": account.base_url,
            "handle": account.handle,
            "remote_id": account.remote_id,
            "secret": account.secret,
        }

    def set_standing(self, platform: str, handle: str, standing: Standing) -> None:
        """Change what an account's secret is good for."""
        if standing not in get_args(Standing):
            raise ValueError(f"no standing {standing!r}")
        self._world.account(platform, handle).standing = standing

    def set_clock(self, instant: str | None = None) -> None:
        """Stop or free the sandbox's time."""
        self._world.clock.set(datetime.fromisoformat(instant) if instant else None)

    def set_quotas(self, enforced: bool) -> None:  # noqa: FBT001  # called with the JSON field's name
        """Enforce rate limits or not."""
        self._world.quotas.enforced = enforced

    def set_rotation(self, strict: bool) -> None:  # noqa: FBT001  # called with the JSON field's name
        """Take each refresh token once only, or leave it the platform's grace."""
        self._world.strict_rotation = strict

    def react(self) -> None:
        """Move the audience to the present."""
        self._audience.react()

    def add_reaction(self, remote_id: str, kind: str, count: int = 1) -> None:
        """Add reactions by hand."""
        post = self._world.find(remote_id)
        if kind not in kinds_of(post.platform):
            raise ValueError(f"{post.platform} has no {kind!r}; it has {', '.join(kinds_of(post.platform))}")
        post.added[kind] += count
        self._audience.tell(post)

    def add_followers(self, platform: str, handle: str, count: int) -> None:
        """Move an account's follower count, now and for the audience's later growth."""
        account = self._world.account(platform, handle)
        account.base_followers += count
        account.followers += count

    def followers(self, platform: str, handle: str) -> int:
        """An account's followers."""
        return self._world.account(platform, handle).followers

    def truth(self, remote_id: str) -> dict[str, int]:
        """A post's counters."""
        return self._world.find(remote_id).counters()

    def add_fault(self, platform: str, kind: str, times: int = 1, **fault: Any) -> None:
        """Order faults; further fields are those of Fault."""
        if platform not in self._faces:
            raise LookupError(f"no platform {platform!r}; there are {', '.join(self._faces)}")
        self._faults.add(Fault(platform=platform, kind=kind, **fault), times=times)

    def clear_faults(self) -> int:
        """Forget faults."""
        waiting = self._faults.waiting()
        self._faults.clear()
        return waiting

    def log(self, since: int = 0) -> list[dict[str, Any]]:
        """The log from an entry on."""
        return [{**asdict(entry), "at": entry.at.isoformat()} for entry in self._world.log.since(since)]

    def posts(self, platform: str | None = None) -> list[dict[str, Any]]:
        """Every visible post, of one face or all."""
        everything = self._world.posts.values()
        return [_shown(post) for post in everything if post.visible and platform in (None, post.platform)]


def _shown(post: Post) -> dict[str, Any]:
    return {
        "platform": post.platform,
        "account": post.account.handle,
        "remote_id": post.remote_id,
        "url": post.url,
        "text": post.text,
        "language": post.language,
        "media_count": len(post.alts),
        "alts": post.alts,
        "key": post.key,
        "at": post.at.isoformat(),
        "edited_at": post.edited_at.isoformat() if post.edited_at else None,
        "counters": post.counters(),
    }
