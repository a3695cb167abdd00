"""What can go wrong at a platform, named by what Postroad does next.

A connector raises one of these and nothing else. Raising a milder one than the truth publishes twice
(NotSent after bytes were accepted); raising a harsher one only costs a person's look (OutcomeUnknown).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Scope: TypeAlias = Literal["channel", "application", "address"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaSeen:
    """What an answer told of a quota: so many of `limit` are left until `resets_at` (aware UTC).

    `window_s` is the window's length in seconds where the answer names it.
    """

    limit: int
    remaining: int
    resets_at: datetime
    window_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the platform showed us, safe to store and print: no secret, its words cut at 500 characters.

    `quota` is for pacing only and is not stored with the rest.
    """

    status: int | None = None
    code: str | None = None
    words: str | None = None
    request: str | None = None
    quota: QuotaSeen | None = None

    def shown(self) -> dict[str, str | int]:
        """What there is of it, to be stored."""
        fields = {"status": self.status, "code": self.code, "words": self.words, "request": self.request}
        return {name: value for name, value in fields.items() if value is not None}


NO_EVIDENCE = Evidence()


class ConnectorError(Exception):
    """Root of every error a connector may raise; `evidence` is what a person will be shown."""

    def __init__(self, reason: str, *, evidence: Evidence = NO_EVIDENCE) -> None:
        super().__init__(reason)
        self.reason = reason
        self.evidence = evidence


class NotSent(ConnectorError):
    """Nothing visible happened on the platform: trying again later is safe.

    `tried` is False when it only waited for a turn in this process: that costs no attempt.
    """

    def __init__(self, reason: str, *, tried: bool = True, evidence: Evidence = NO_EVIDENCE) -> None:
        super().__init__(reason, evidence=evidence)
        self.tried = tried


class RateLimited(ConnectorError):
    """Refused for now and certainly not done: wait until `until` (aware UTC); costs no attempt."""

    def __init__(
        self, reason: str, *, until: datetime, scope: Scope = "channel", evidence: Evidence = NO_EVIDENCE
    ) -> None:
        super().__init__(reason, evidence=evidence)
        self.until = until
        self.scope = scope


class OutcomeUnknown(ConnectorError):
    """The request may have taken effect: never repeat blindly, find out first."""


class NeedsRefresh(ConnectorError):
    """The access token lapsed and nothing was done: renew the credential, then try again."""


class NeedsReconnect(ConnectorError):
    """The credential is dead or lacks a right and nothing was done: a person must reconnect the channel."""


class Rejected(ConnectorError):
    """The platform refused this content for good, by a code on the connector's reviewed list."""

    def __init__(self, reason: str, *, field: str, evidence: Evidence = NO_EVIDENCE) -> None:
        super().__init__(reason, evidence=evidence)
        self.field = field


class Unsupported(ConnectorError):
    """The platform or this connector cannot do that; the capability sheet says which."""


class PlatformChanged(ConnectorError):
    """A read answered in a shape this connector does not know: the operator must look, authors need not."""
