"""What an author gives the suite: a platform to publish on, and eyes that see it without the connector."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.contract import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One publication as the public sees it; None where this place cannot show that."""

    remote_id: str
    text: str
    language: str | None = None
    media_count: int | None = None
    alts: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A fake or a test server, never a channel that people read.

    `look` returns every publication of the account that the public sees now and whose text holds the mark.
    It must not go through the connector. `dead_secret` has the same fields as `secret` and is refused.
    """

    account: Account
    secret: Mapping[str, str] = field(repr=False)
    dead_secret: Mapping[str, str] = field(repr=False)
    look: Callable[[str], Sequence[Seen]]
