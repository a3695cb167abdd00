"""Reading our own Markdown."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from tests.house_rules.sources import HOME

_FENCE = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\[\]]*\]\(([^)\s]+)[^)]*\)|(?:src|href|srcset)=\"([^\"]+)\"")
_HERE_DOCUMENT = re.compile(r"(?<=\n)(?:(?!\n).)*<<'?([A-Z]+)'?\n.*?\n\1$", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def documents() -> list[Path]:
    """Every Markdown file of the documentation and of the top folder."""
    return sorted([*HOME.glob("*.md"), *HOME.glob("docs/**/*.md")])


def links(text: str) -> list[str]:
    """The targets of all links and pictures, without those shown as code."""
    prose = re.sub(r"`[^`\n]*`", "", _FENCE.sub("", _COMMENT.sub("", text)))
    around_pictures = _LINK.sub("", prose)
    return [target or source for target, source in _LINK.findall(prose) + _LINK.findall(around_pictures)]


def anchors(text: str) -> set[str]:
    """What a link may point at within a document, made as the usual renderers make it."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE)
    return {_slug(heading) for heading in headings}


def shell_blocks(text: str, *, marked: bool = True) -> list[str]:
    """What a reader is asked to type, block by block; blocks marked `skip` only when `marked` is true."""
    found = _FENCE.findall(text)
    return [block for language, mark, block in found if language == "bash" and (marked or "skip" not in mark)]


def shell_lines(text: str) -> Iterator[str]:
    """What a reader is asked to type, line by line; continuations joined, here-documents left out."""
    for block in shell_blocks(text):
        yield from _HERE_DOCUMENT.sub("", block).replace("\\\n", " ").splitlines()


def _slug(heading: str) -> str:
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    kept = (one for one in plain if one in " -_" or unicodedata.category(one)[0] in "LN")
    return "".join(kept).replace(" ", "-")
