"""What differs between servers that speak the Mastodon API."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def snowflake(at: datetime, serial: int) -> str:
    """A status id of Mastodon: milliseconds, then 16 bits of a serial."""
    return str((int(at.timestamp() * 1000) << 16) + serial % 65_536)


def ulid(at: datetime, serial: int) -> str:
    """A status id of GoToSocial: 26 letters and digits that sort by time."""
    number = (int(at.timestamp() * 1000) << 80) + serial
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Flavour:
    """One kind of server; `invalid` is its status for content it refuses."""

    name: str
    domain: str
    version: str
    max_characters: int
    reserved_per_url: int
    counts_graphemes: bool
    honours_key: bool
    invalid: int
    reads_many: bool
    number: Callable[[datetime, int], str]


MASTODON = Flavour(
    name="mastodon",
    domain="mastodon.sandbox",
    version="4.7.0",
    max_characters=500,
    reserved_per_url=23,
    counts_graphemes=True,
    honours_key=True,
    invalid=422,
    reads_many=True,
    number=snowflake,
)
# As seen on GoToSocial 0.20, 2026-11
GOTOSOCIAL = Flavour(
    name="gotosocial",
    domain="gotosocial.sandbox",
    version="0.20.2+git",
    max_characters=5000,
    reserved_per_url=25,
    counts_graphemes=False,
    honours_key=False,
    invalid=400,
    reads_many=False,
    number=ulid,
)
