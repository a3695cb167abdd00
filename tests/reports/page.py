"""Reading a rendered page as a machine does."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

Place = tuple[str, str, str, str]


@dataclass
class Element:
    """A start tag with its attributes."""

    tag: str
    attributes: dict[str, str]


@dataclass
class Page(HTMLParser):
    """Every element and all text of a page."""

    elements: list[Element] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[Element]:
        """The elements of this kind, in order."""
        return [element for element in self.elements if element.tag == tag]

    def figures(self) -> dict[Place, str | None]:
        """Each figure's number as written for machines, None where it is missing."""
        found: dict[Place, str | None] = {}
        for element in self.elements:
            if "data-measure" in element.attributes:
                has = element.attributes
                place = (
                    has["data-section"],
                    has["data-dimension"],
                    has["data-key"],
                    has["data-measure"],
                )
                found[place] = has.get("data-value")
        return found


def read_page(content: bytes) -> Page:
    """The page of these UTF-8 bytes."""
    page = Page()
    page.feed(content.decode())
    return page
