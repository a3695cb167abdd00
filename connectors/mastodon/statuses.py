"""Statuses as the API tells them: what was published, and whether it is ours."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from connectors.contract import Account, Outgoing, Published, Shown
from connectors.http import Reply
from connectors.mastodon.counting import REMOTE_MENTION, body_of
from connectors.text import one_form

KEPT_REGIONS = frozenset({"zh-CN", "zh-HK", "zh-TW"})
_PAGE = re.compile(r"/(?:@|users/)(?P<name>[^/@]+)/(?:statuses/)?(?P<id>[0-9A-Za-z]+)/?$")


def fields_of(outgoing: Outgoing, media_ids: list[str]) -> dict[str, Any]:
    """What creating and editing have in common."""
    fields = {"status": body_of(outgoing), "language": language_code(outgoing.language)}
    return fields | ({"media_ids": media_ids} if media_ids else {})


def language_code(tag: str) -> str:
    """The code Mastodon keeps of a BCP-47 tag: the primary language, but for three kinds of Chinese."""
    return tag if tag in KEPT_REGIONS else tag.split("-", 1)[0].lower()


def id_of_page(account: Account, url: str) -> str | None:
    """The id in `/@name/ID`, `/@name/statuses/ID` or `/users/name/statuses/ID` on the account's server."""
    name, _, domain = account.handle.removeprefix("@").partition("@")
    page = urlsplit(url)
    found = _PAGE.search(page.path)
    ours = page.hostname in (domain, urlsplit(account.base_url).hostname)
    return found["id"] if found and ours and found["name"].casefold() == name.casefold() else None


def published(reply: Reply, status: Mapping[str, Any]) -> Published:
    """The publication a status is; unreadable without an id."""
    remote_id = status.get("id")
    url = status.get("url") or status.get("uri")
    if not (remote_id and isinstance(remote_id, str) and isinstance(url, str)):
        raise reply.unreadable("the answer holds no status")
    return Published(remote_id=remote_id, url=url, evidence=reply.evidence())


def shown_as(outgoing: Outgoing) -> Shown:
    """What a server should show of it."""
    return Shown(
        text=_words(body_of(outgoing)),
        media_count=len(outgoing.media),
        language=language_code(outgoing.language),
    )


def shown(reply: Reply, status: Mapping[str, Any]) -> Shown:
    """What a server shows of a status."""
    content, attachments, language = (
        status.get(name) for name in ("content", "media_attachments", "language")
    )
    if not isinstance(content, str):
        raise reply.unreadable("the answer holds no status")
    return Shown(
        text=_words(plain_text(content)),
        media_count=len(attachments) if isinstance(attachments, list) else 0,
        language=language if isinstance(language, str) else None,
    )


def is_same(reply: Reply, status: Mapping[str, Any], outgoing: Outgoing) -> bool:
    """True when a status has the words and the number of images that we sent."""
    there, ours = shown(reply, status), shown_as(outgoing)
    return (there.text, there.media_count) == (ours.text, ours.media_count)


def plain_text(content: str) -> str:
    """The words of a status's HTML: paragraphs and breaks become lines, links are whole again."""
    reader = _PlainText()
    reader.feed(content)
    reader.close()
    return "".join(reader.parts).strip()


def _words(text: str) -> str:
    """The text in one form, whatever a server does with white space, composed letters and the host of
    a mention (shown without it once the account is known there).
    """
    return one_form(REMOTE_MENTION.sub(r"@\1", text))


class _PlainText(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - overridden
        if tag == "br":
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
