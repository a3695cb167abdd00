"""From an Outgoing to what WordPress stores: a title and safe HTML, named by the key."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from babel import Locale, UnknownLocaleError

from connectors.contract import Key, MediaFile, Outgoing
from connectors.text import URL, split_title

_MARK = re.compile(r'<div id="text-([0-9a-f-]+)"')
_BLANK_LINES = re.compile(r"\n\s*\n")
_BRACKETS = str.maketrans({"[": "&#91;", "]": "&#93;"})


@dataclass(frozen=True, slots=True)
class Image:
    """An image in the site's media library."""

    media_id: int
    url: str


def slug_of(key: Key) -> str:
    """The post's slug: its due day and 64 bits of the key."""
    return f"{key.at:%Y%m%d}-{key.value[:16]}"


def image_name(slug: str, number: int, file: MediaFile) -> str:
    """A slug for an image of that post, other for other bytes."""
    return f"{slug}-{number}-{file.sha256[:8]}"


def mark_of(content: str) -> str | None:
    """The slug that a text was made for, or None when it is not ours."""
    found = _MARK.search(content)
    return found[1] if found else None


def stored_alt(file: MediaFile) -> str:
    """The alt text for the media library, which drops what looks like a tag (seen on 6.1.9, 2026-11-22)."""
    return file.alt.replace("<", "&lt;")


def title_of(outgoing: Outgoing) -> str:
    """The title as stored: WordPress shows titles as HTML."""
    return escape(split_title(outgoing.text)[0], quote=False)


def post_fields(outgoing: Outgoing, slug: str, images: Sequence[Image]) -> dict[str, Any]:
    """Everything people see of the post; the first image is featured, the others follow the text."""
    return {
        "title": title_of(outgoing),
        "content": _content(outgoing, slug, images[1:]),
        "featured_media": images[0].media_id if images else 0,
    }


def _content(outgoing: Outgoing, slug: str, images: Sequence[Image]) -> str:
    """HTML on one line, for WordPress turns line ends into breaks of its own."""
    body = split_title(outgoing.text)[1]
    paragraphs = [f"<p>{_inline(part)}</p>" for part in _BLANK_LINES.split(body)]
    if outgoing.link and outgoing.link not in body:
        paragraphs.append(f"<p>{_anchor(outgoing.link)}</p>")
    figures = [_figure(image, file) for image, file in zip(images, outgoing.media[1:], strict=True)]
    attributes = f'lang="{_plain(outgoing.language)}" dir="{_direction(outgoing.language)}"'
    return f'<div id="text-{slug}" {attributes}>{"".join(paragraphs + figures)}</div>'


def _inline(text: str) -> str:
    """Escaped text with its addresses linked, so that WordPress fetches none of them to embed it."""
    parts, end = [], 0
    for match in URL.finditer(text):
        parts += [_plain(text[end : match.start()]), _anchor(match.group())]
        end = match.end()
    return "".join([*parts, _plain(text[end:])]).replace("\n", "<br />")


def _anchor(address: str) -> str:
    return f'<a href="{_plain(address)}">{_plain(address)}</a>'


def _figure(image: Image, file: MediaFile) -> str:
    names = f'src="{_plain(image.url)}" alt="{_plain(file.alt)}" class="wp-image-{image.media_id}"'
    size = f'width="{file.width}" height="{file.height}"'
    return f'<figure class="wp-block-image"><img {names} {size} /></figure>'


def _plain(text: str) -> str:
    """Text as HTML that shows it as it is: no tags, and no shortcodes, which live in square brackets."""
    return escape(text).translate(_BRACKETS)


def _direction(language: str) -> str:
    try:
        return Locale.parse(language, sep="-").text_direction
    except (UnknownLocaleError, ValueError):
        return "auto"
