"""Counting text the way platforms count it; `len()` is right for none of them but one."""

from collections.abc import Callable, Mapping
from unicodedata import normalize

import regex

from connectors.capabilities import Capabilities, TextLimit, TextUnit
from connectors.contract import Measure

_GRAPHEME = regex.compile(r"\X")
_CLOSES_URL = (
    r"\s<>\"'()（）【】「」『』《》〈〉«»‹›“”„，。、；：！？\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069"
)
_IN_URL = rf"[^{_CLOSES_URL}]"
_ENDS_URL = rf"[^{_CLOSES_URL}.,;:!?\]’…،؛؟۔।]"
_BRACKETED = rf"\({_IN_URL}*\)"
URL = regex.compile(rf"https?://(?:{_IN_URL}|{_BRACKETED})*(?:{_ENDS_URL}|{_BRACKETED})")


def count(text: str, unit: TextUnit) -> int:
    """Number of `unit`s in `text`; the text is counted as it is, not normalised."""
    return _COUNTERS[unit](text)


def byte_spans(text: str, pattern: "regex.Pattern[str]") -> list[tuple[int, int, str]]:
    """(start, end, match) of each match with offsets in UTF-8 bytes."""
    found = []
    for match in pattern.finditer(text):
        start = len(text[: match.start()].encode())
        found.append((start, start + len(match.group().encode()), match.group()))
    return found


def with_link(text: str, link: str | None) -> str:
    """The text with the link on a line of its own at the end, unless it is one of the text's own links."""
    if not link or link in URL.findall(text):
        return text
    return f"{text}\n\n{link}" if text else link


def split_title(text: str) -> tuple[str, str]:
    """(title, body): the first line, and the rest; a text of one line is both."""
    title, _, body = text.strip().partition("\n")
    return title.strip(), body.strip() or title.strip()


def one_form(text: str) -> str:
    """The text whatever is done to its white space and composed letters, for comparing."""
    return " ".join(normalize("NFC", text).split())


def measure(limit: TextLimit, text: str, limits: Mapping[str, int]) -> Measure:
    """How much of `limit` the text uses, the account's own limit winning over the sheet's."""
    allowed = limits.get(limit.key, limit.limit) if limit.key else limit.limit
    return Measure(field=limit.field, unit=limit.unit, count=count(text, limit.unit), limit=allowed)


def limits_of(capabilities: Capabilities, field: str) -> tuple[TextLimit, ...]:
    """The sheet's limits on one field."""
    return tuple(limit for limit in capabilities.text_limits if limit.field == field)


_COUNTERS: Mapping[TextUnit, Callable[[str], int]] = {
    TextUnit.GRAPHEMES: lambda text: len(_GRAPHEME.findall(text)),
    TextUnit.CODE_POINTS: len,
    TextUnit.UTF16_UNITS: lambda text: len(text.encode("utf-16-le")) // 2,
    TextUnit.UTF8_BYTES: lambda text: len(text.encode()),
}
