"""What readers get to see of a post's HTML: its words, its pictures and their descriptions."""

import re
from html.parser import HTMLParser
from typing import Any

_BLOCKS = {"p", "div", "h1", "h2", "h3", "h4", "figure", "figcaption", "ul", "ol", "li", "blockquote", "br"}
_TAG = re.compile(r"<\w")


class Reading(HTMLParser):
    """A reader of one piece of HTML."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self._words: list[str] = []
        self.images: list[tuple[str, str]] = []
        self.language = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note pictures, the first language named, and the beginnings of blocks."""
        found = dict(attrs)
        self.language = self.language or found.get("lang") or ""
        if tag == "img":
            self.images.append((found.get("src") or "", found.get("alt") or ""))
        if tag in _BLOCKS:
            self._words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Note the ends of blocks."""
        if tag in _BLOCKS - {"br"}:
            self._words.append("\n")

    def handle_data(self, data: str) -> None:
        """Note the words."""
        self._words.append(data)

    @property
    def text(self) -> str:
        """The words; blocks apart by an empty line."""
        lines = "".join(self._words).strip()
        return re.sub(r"\s*\n\s*\n\s*", "\n\n", lines)


def rendered(markup: str) -> str:
    """What the theme prints: plain text becomes paragraphs, HTML stays."""
    if _TAG.search(markup) or not markup:
        return markup
    paragraphs = (part.replace("\n", "<br />\n") for part in markup.split("\n\n"))
    return "\n".join(f"<p>{part}</p>" for part in paragraphs) + "\n"


def title(words: str, *, editing: bool) -> dict[str, Any]:
    """A title field, which gets no paragraphs."""
    return {**({"raw": words} if editing else {}), "rendered": words}


def both(markup: str, *, editing: bool, **more: Any) -> dict[str, Any]:
    """A text field of the REST API: what is printed, and in the edit context what was typed."""
    raw = {"raw": markup} if editing else {}
    return {**raw, "rendered": rendered(markup), **more}
