"""Links, mentions and hashtags of a text, with offsets in UTF-8 bytes (app.bsky.richtext.facet, 0.20.44)."""

from collections.abc import Iterator, Mapping
from typing import Any

import regex

from connectors.capabilities import TextUnit
from connectors.text import URL, byte_spans, count

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
MENTION = regex.compile(rf"(?<![A-Za-z0-9_.@/-])@(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?")
TAG = regex.compile(r"(?<![\p{L}\p{M}\p{N}_#＃/&=])[#＃][\p{L}\p{M}\p{N}_]*[\p{L}\p{M}_][\p{L}\p{M}\p{N}_]*")
TAG_GRAPHEMES = 64
TAG_BYTES = 640


def mentioned(text: str) -> tuple[str, ...]:
    """The handles the text mentions, in lower case, each once, in order."""
    return tuple(dict.fromkeys(_handle(match) for _, _, match in byte_spans(text, MENTION)))


def facets(text: str, dids: Mapping[str, str]) -> list[dict[str, Any]]:
    """The facets of the text in order, none overlapping; a handle without a DID stays plain text."""
    taken: list[tuple[int, int]] = []
    made = []
    for start, end, feature in _features(text, dids):
        if all(end <= before or start >= after for before, after in taken):
            taken.append((start, end))
            made.append({"index": {"byteStart": start, "byteEnd": end}, "features": [feature]})
    return sorted(made, key=lambda facet: facet["index"]["byteStart"])


def _features(text: str, dids: Mapping[str, str]) -> Iterator[tuple[int, int, dict[str, str]]]:
    for start, end, match in byte_spans(text, URL):
        yield start, end, {"$type": "app.bsky.richtext.facet#link", "uri": match}
    for start, end, match in byte_spans(text, MENTION):
        if did := dids.get(_handle(match)):
            yield start, end, {"$type": "app.bsky.richtext.facet#mention", "did": did}
    for start, end, match in byte_spans(text, TAG):
        if _fits(match[1:]):
            yield start, end, {"$type": "app.bsky.richtext.facet#tag", "tag": match[1:]}


def _handle(mention: str) -> str:
    return mention[1:].lower()


def _fits(tag: str) -> bool:
    return count(tag, TextUnit.GRAPHEMES) <= TAG_GRAPHEMES and count(tag, TextUnit.UTF8_BYTES) <= TAG_BYTES
