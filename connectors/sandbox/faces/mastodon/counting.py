"""How long a status is.

Mastodon counts graphemes, each address as long as the instance says, mentions without host
(status_length_validator.rb, 4.x); GoToSocial counts code points of the text as it is, whatever it says
of addresses (validateStatusContent, 0.20).
"""

import re
from collections.abc import Iterator

import regex

from connectors.sandbox.faces.mastodon.flavours import Flavour

_URL = re.compile(
    r"https?://[^\s<>\"'（）【】「」『』，。、；：！？]*[^\s<>\"'（）【】「」『』，。、；：！？.,;:!?)\]]"
)
_REMOTE_MENTION = re.compile(r"(?<![\w/])@(\w+)@[\w.-]+\w")
_GRAPHEME = regex.compile(r"\X")
_PIECE = re.compile(rf"{_URL.pattern}|(?<![\w/])#(?P<tag>\w*[^\W\d]\w*)")


def characters(text: str, flavour: Flavour) -> int:
    """What the instance compares with its max_characters."""
    if not flavour.counts_graphemes:
        return len(text)
    shortened = _REMOTE_MENTION.sub(r"@\1", _URL.sub("x" * flavour.reserved_per_url, text))
    return len(_GRAPHEME.findall(shortened))


def pieces_of(text: str) -> Iterator[tuple[str, str]]:
    """The text cut into ("words", …), ("url", …) and ("tag", …without #), in order."""
    end = 0
    for found in _PIECE.finditer(text):
        yield "words", text[end : found.start()]
        yield ("tag", found["tag"]) if found["tag"] else ("url", found[0])
        end = found.end()
    yield "words", text[end:]


def tags_in(text: str) -> list[str]:
    """The hashtags of a text without `#`, each once."""
    return list(dict.fromkeys(words for kind, words in pieces_of(text) if kind == "tag"))
