"""How long a status is for its server."""

from collections.abc import Mapping, Sequence

import regex

from connectors.capabilities import TextUnit
from connectors.contract import Measure, Outgoing
from connectors.mastodon.capabilities import CAPABILITIES
from connectors.mastodon.instance import DEFAULT_URL_LENGTH, RAW_COUNT, URL_LENGTH
from connectors.text import URL, count, limits_of, measure, with_link

# Account::MENTION_RE of Mastodon 4.x
REMOTE_MENTION = regex.compile(r"(?<![=/\w])@([A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*)@\w+(?:[.-]+\w+)*")
_HOST = regex.compile(r"https?://[^/?#]*\.[\p{L}\p{N}-]{2,}")


def body_of(outgoing: Outgoing) -> str:
    """The text as posted, the link on a line of its own."""
    return with_link(outgoing.text, outgoing.link)


def measures(outgoing: Outgoing, limits: Mapping[str, int]) -> Sequence[Measure]:
    """The text, and the longest alt text when there are images."""
    (text,) = limits_of(CAPABILITIES, "text")
    (alt,) = limits_of(CAPABILITIES, "alt")
    unit = TextUnit.CODE_POINTS if limits.get(RAW_COUNT) else text.unit
    allowed = limits.get(text.key or "", text.limit)
    counted = count(countable(body_of(outgoing), limits), unit)
    longest = max((image.alt for image in outgoing.media), key=len, default=None)
    return (
        Measure(field="text", unit=unit, count=counted, limit=allowed),
        *(() if longest is None else (measure(alt, longest, limits),)),
    )


def countable(text: str, limits: Mapping[str, int]) -> str:
    """The text with what Mastodon counts: addresses at their reserved length, mentions without the host.

    From status_length_validator.rb (4.x, read 2026-11-22). GoToSocial counts the text as it is
    (validateStatusContent, 0.20), whatever length it states for addresses.
    """
    if limits.get(RAW_COUNT):
        return text
    placeholder = "x" * limits.get(URL_LENGTH, DEFAULT_URL_LENGTH)
    shortened = URL.sub(lambda found: placeholder if _HOST.match(found.group()) else found.group(), text)
    return REMOTE_MENTION.sub(r"@\1", shortened)
