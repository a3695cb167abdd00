"""Formatted text: lengths and entity offsets in UTF-16 code units, checked as the Bot API checks them."""

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.faces.telegram.parameters import bad_request

_PLAIN = (
    *("bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre"),
    *("blockquote", "expandable_blockquote", "mention", "hashtag", "cashtag", "bot_command", "url", "email"),
)
_KEYS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_PLAIN, frozenset()),
    "pre": frozenset({"language"}),
    "text_link": frozenset({"url"}),
}
_STARTS: Mapping[str, str | tuple[str, ...]] = {
    "mention": "@",
    "hashtag": ("#", "＃"),
    "cashtag": "$",
    "bot_command": "/",
    "url": ("http://", "https://"),
}


def units(text: str) -> int:
    """UTF-16 code units, in which the Bot API counts everything."""
    return len(text.encode("utf-16-le")) // 2


def check_entities(text: str, entities: list[Any]) -> None:
    """Refuse entities that leave the text, cut a character, or sit on other words than their type says."""
    encoded = text.encode("utf-16-le")
    for entity in entities:
        _check_shape(entity)
        start, end = entity["offset"], entity["offset"] + entity["length"]
        if start < 0 or entity["length"] <= 0 or end * 2 > len(encoded):
            raise bad_request(
                f"entity beginning at UTF-16 offset {start} ends after the end of the text "
                f"at UTF-16 offset {end}"
            )
        _check_words(entity, encoded[start * 2 : end * 2])


def _check_shape(entity: Any) -> None:
    if not isinstance(entity, dict) or str(entity.get("type")) not in _KEYS:
        raise bad_request("can't parse MessageEntity: unsupported type specified")
    needed = {"type", "offset", "length"} | ({"url"} if entity["type"] == "text_link" else set())
    if unknown := entity.keys() - needed - _KEYS[entity["type"]]:
        raise bad_request(f"can't parse MessageEntity: unknown field {min(unknown)}")
    if missing := needed - entity.keys():
        raise bad_request(f'can\'t parse MessageEntity: field "{min(missing)}" not found')
    if type(entity["offset"]) is not int or type(entity["length"]) is not int:
        raise bad_request("can't parse MessageEntity: offset and length must be Integers")


def _check_words(entity: Mapping[str, Any], encoded: bytes) -> None:
    try:
        words = encoded.decode("utf-16-le")
    except UnicodeDecodeError:
        raise bad_request("entity begins or ends in a middle of a UTF-16 symbol") from None
    start = _STARTS.get(entity["type"], "")
    if not words.startswith(start) or words != words.strip():
        raise bad_request(f"entity {entity['type']} covers {words!r}")
    if entity["type"] == "text_link" and not str(entity["url"]).startswith(("http://", "https://", "tg://")):
        raise bad_request("entity has a wrong URL")
