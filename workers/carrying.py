"""Kombu's Redis transport, made deaf to what is no message.

As it is, one piece of rubbish in the list ends each worker that takes it (seen on kombu 5.7, 2026-11-22).
"""

from typing import Any

import structlog
from kombu.transport import TRANSPORT_ALIASES
from kombu.transport import redis as kombu_redis

SCHEMES = ("redis", "rediss")
NO_MESSAGE = (ValueError, TypeError, KeyError)

log = structlog.get_logger("postroad.carrying")


class Channel(kombu_redis.Channel):
    """Drops what cannot be read, and waits for the next."""

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[no-untyped-call]
        except NO_MESSAGE as error:
            log.warning("dropped what is no message", error=type(error).__name__)
            return None


class Transport(kombu_redis.Transport):
    """Redis with our channel."""

    Channel = Channel


def carry_by_ours() -> None:
    """Let every Redis URL of this process mean our transport; their TLS options stay as they are."""
    TRANSPORT_ALIASES.update(dict.fromkeys(SCHEMES, f"{__name__}:{Transport.__name__}"))
