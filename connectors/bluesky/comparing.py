"""A post in the form in which what was sent and what is there can be compared."""

from collections.abc import Mapping
from typing import Any

from connectors.bluesky.records import body_of
from connectors.contract import Outgoing, Shown
from connectors.http import Reply
from connectors.text import one_form


def shown_as(outgoing: Outgoing) -> Shown:
    """The post as its record should be."""
    return Shown(
        text=one_form(body_of(outgoing)), media_count=len(outgoing.media), language=outgoing.language
    )


def shown(reply: Reply, live: Mapping[str, Any]) -> Shown:
    """The post as an answer of getRecord has it."""
    record = live.get("value")
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise reply.unreadable("the answer holds no post")
    embed, languages = record.get("embed"), record.get("langs")
    images = embed.get("images") if isinstance(embed, dict) else None
    return Shown(
        text=one_form(record["text"]),
        media_count=len(images) if isinstance(images, list) else 0,
        language=str(languages[0]) if isinstance(languages, list) and languages else None,
    )
