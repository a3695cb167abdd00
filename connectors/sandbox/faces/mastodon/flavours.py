"""What differs between servers that speak the Mastodon API."""

from dataclasses import dataclass


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
)
