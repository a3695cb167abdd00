"""A post in the form in which what was sent and what is stored can be compared: words, images, language."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from connectors.contract import Outgoing, Shown
from connectors.text import one_form
from connectors.wordpress.content import Image, post_fields

_TAG = re.compile(r"<[^>]*(?:>|$)")
_IMAGE = re.compile(r"<img\b[^>]*>")
_LANGUAGE = re.compile(r'<div id="text-[^>]*\blang="([^"]*)"')
_ANY = Image(media_id=1, url="")


def shown_as(outgoing: Outgoing) -> Shown:
    """The post as it should be stored."""
    fields = post_fields(outgoing, "", [_ANY] * len(outgoing.media))
    return _shown(fields["title"], fields["content"], featured=bool(fields["featured_media"]))


def shown(post: Mapping[str, Any]) -> Shown:
    """The post as it is stored, read with context=edit."""
    return _shown(_raw(post, "title"), _raw(post, "content"), featured=bool(post.get("featured_media")))


def _shown(title: str, content: str, *, featured: bool) -> Shown:
    language = _LANGUAGE.search(content)
    return Shown(
        text=one_form(unescape(_TAG.sub(" ", f"{title} {content}"))),
        media_count=len(_IMAGE.findall(content)) + featured,
        language=unescape(language[1]) if language else None,
    )


def _raw(post: Mapping[str, Any], field: str) -> str:
    value = post.get(field)
    return str(value.get("raw", "")) if isinstance(value, dict) else ""
