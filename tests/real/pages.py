"""What a reader gets of a web page: words, their language and direction, links, descriptions of pictures."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """Parsed at once, in the order of the page; `tongues` are pairs of language and direction."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tongues: list[tuple[str, str]] = []
        self.links: list[str] = []
        self.alts: list[str] = []
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        """All words as they follow each other."""
        return "".join(self.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tongues += [(found["lang"] or "", found.get("dir") or "")] if "lang" in found else []
        self.links += [found.get("href") or ""] if tag == "a" else []
        self.alts += [found.get("alt") or ""] if tag == "img" else []

    def handle_data(self, data: str) -> None:
        self.words.append(data)
