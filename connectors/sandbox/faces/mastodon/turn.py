"""One call to the Mastodon API in progress: its account, its arguments and what it may spend."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.clock import stamp
from connectors.sandbox.exchange import Answer, Call, Refused, answer_json
from connectors.sandbox.faces.mastodon.flavours import Flavour
from connectors.sandbox.quotas import Quota, Usage
from connectors.sandbox.world import AccountState, World

# docs.joinmastodon.org/api/rate-limits; the headers are those of the OpenAPI description of 4.7.0
CALLS = Quota(name="mastodon-calls", limit=300, window_s=300)
MEDIA = Quota(name="mastodon-media", limit=30, window_s=1800)
DELETES = Quota(name="mastodon-deletes", limit=30, window_s=1800)


def refuse(status: int, error: str) -> Refused:
    """A refusal in Mastodon's form."""
    return Refused(answer_json({"error": error}, status=status))


def too_many(reset: object) -> Answer:
    """429; when to come back stands in X-RateLimit-Reset only."""
    headers = {} if reset is None else {"x-ratelimit-reset": str(reset)}
    return answer_json({"error": "Too many requests"}, status=429, headers=headers)


@dataclass(slots=True, kw_only=True)
class Turn:
    """The call, who makes it (None: nobody known), the path's values, and the quotas it has touched."""

    call: Call
    world: World
    flavour: Flavour
    bearer: AccountState | None
    path: Mapping[str, str]
    usages: list[Usage] = field(default_factory=list)

    def spend(self, quota: Quota) -> None:
        """Take one from a quota, or refuse with 429."""
        who = self.bearer.remote_id if self.bearer else self.call.client
        usage = self.world.quotas.spend(quota, subject=f"{self.flavour.name} {who}", now=self.world.now())
        self.usages.append(usage)
        if usage.over:
            raise Refused(too_many(stamp(usage.reset_at)))

    def headers(self) -> dict[str, str]:
        """X-RateLimit-* of the tightest quota; Reset is an ISO time."""
        tightest = min(self.usages, key=lambda usage: (not usage.over, usage.remaining))
        return {
            "x-ratelimit-limit": str(tightest.quota.limit),
            "x-ratelimit-remaining": str(tightest.remaining),
            "x-ratelimit-reset": stamp(tightest.reset_at),
        }

    def reader(self) -> AccountState:
        """The account of the token, which must be there and good."""
        if self.call.bearer() is None:
            raise refuse(401, "This method requires an authenticated user")
        if self.bearer is None or self.bearer.standing == "revoked":
            raise refuse(401, "The access token is invalid")
        return self.bearer

    def writer(self) -> AccountState:
        """The account of the token, which must also be allowed to write."""
        account = self.reader()
        if account.standing == "read_only":
            raise refuse(403, "This action is outside the authorized scopes")
        return account

    def invalid(self, problem: str) -> Refused:
        """The refusal of content: 422, or what the variant says instead."""
        return refuse(self.flavour.invalid, f"Validation failed: {problem}")

    def query(self, *known: str) -> dict[str, str]:
        """The query as a closed set of single parameters."""
        asked = dict(self.call.arguments)
        if unknown := asked.keys() - set(known):
            raise refuse(self.flavour.invalid, f"unknown parameter {min(unknown)}")
        return asked

    def flag(self, value: Any, name: str) -> bool:
        """A boolean of a JSON body or a form."""
        if isinstance(value, bool):
            return value
        if str(value).lower() not in ("true", "false", "1", "0"):
            raise self.invalid(f"{name} is no boolean")
        return str(value).lower() in ("true", "1")
