"""How long a status is: code points, each address as long as the instance says, mentions without host."""

import re

_URL = re.compile(
    r"https?://[^\s<>\"'（）【】「」『』，。、；：！？]*[^\s<>\"'（）【】「」『』，。、；：！？.,;:!?)\]]"
)
_REMOTE_MENTION = re.compile(r"(?<![\w/])@(\w+)@[\w.-]+\w")
_TAG = re.compile(r"(?<![\w/])#(\w*[^\W\d]\w*)")


def characters(text: str, *, reserved_per_url: int) -> int:
    """What the instance compares with its max_characters."""
    return len(_REMOTE_MENTION.sub(r"@\1", _URL.sub("x" * reserved_per_url, text)))


def urls_in(text: str) -> list[str]:
    """The web addresses of a text, in order."""
    return _URL.findall(text)


def tags_in(text: str) -> list[str]:
    """The hashtags of a text without `#`, each once."""
    return list(dict.fromkeys(_TAG.findall(_URL.sub("", text))))
