"""One XRPC call in progress: what it may spend, and how it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.exchange import Answer, Call, Refused, answer_json
from connectors.sandbox.quotas import Quota, Usage
from connectors.sandbox.world import World

# docs.bsky.app/docs/advanced-guides/rate-limits; headers seen on PDS 0.5, 2026-11-22
ADDRESS = Quota(name="bluesky-address", limit=3000, window_s=300)
LOGINS = (
    Quota(name="bluesky-login-5min", limit=30, window_s=300),
    Quota(name="bluesky-login-day", limit=300, window_s=86_400),
)
POINTS = (
    Quota(name="bluesky-points-hour", limit=5_000, window_s=3_600),
    Quota(name="bluesky-points-day", limit=35_000, window_s=86_400),
)


def refuse(message: str, *, error: str = "InvalidRequest", status: int = 400) -> Refused:
    """A refusal in XRPC form."""
    return Refused(answer_json({"error": error, "message": message}, status=status))


@dataclass(slots=True, kw_only=True)
class Turn:
    """The call with the quotas it has touched; the tightest one goes into the headers."""

    call: Call
    world: World
    usages: list[Usage] = field(default_factory=list)

    def spend(self, quotas: tuple[Quota, ...], *, subject: str, points: int = 1) -> None:
        """Take points from each quota, or refuse with 429."""
        for quota in quotas:
            usage = self.world.quotas.spend(quota, subject=subject, now=self.world.now(), points=points)
            self.usages.append(usage)
            if usage.over:
                wait_s = max(int((usage.reset_at - self.world.now()).total_seconds()), 1)
                raise Refused(too_many(wait_s))

    def headers(self) -> Mapping[str, str]:
        """RateLimit-* of the tightest quota; Reset is seconds since the epoch."""
        if not self.usages:
            return {}
        tightest = min(self.usages, key=lambda usage: (not usage.over, usage.remaining))
        return {
            "ratelimit-limit": str(tightest.quota.limit),
            "ratelimit-remaining": str(tightest.remaining),
            "ratelimit-reset": str(int(tightest.reset_at.timestamp())),
            "ratelimit-policy": f"{tightest.quota.limit};w={tightest.quota.window_s}",
        }


def too_many(retry_after: Any) -> Answer:
    """429 with Retry-After in seconds, unless it is None."""
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    body = {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}
    return answer_json(body, status=429, headers=headers)
