"""The post as a record, and the key it is stored under; the same input gives the same bytes, always."""

import json
import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit

from connectors.bluesky.facets import facets, mentioned
from connectors.contract import Account, Key, MediaFile, Outgoing, Staged
from connectors.errors import NotSent, PlatformChanged
from connectors.text import with_link

POST = "app.bsky.feed.post"
SITE = "https://bsky.app/profile"
_PAGE = re.compile(re.escape(SITE) + r"/(?P<actor>[^/?#]+)/post/(?P<rkey>[\w.~:-]+)/?")
_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_MENTION, _IMAGE = "mention:", "image:"


def record_key(key: Key) -> str:
    """A valid TID made from the key alone: the due second, then microseconds and clock id from its value.

    Layout: 1 zero bit, 53 bits of microseconds since 1970, 10 bits of clock id, in 13 characters of
    base32-sortable (atproto.com/specs/tid, read 2026-11-22).
    """
    drawn = int(key.value, 16)
    microseconds = int(key.at.timestamp()) * 1_000_000 + drawn % 1_000_000
    number = (microseconds << 10) | (drawn // 1_000_000 % 1024)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(60, -1, -5))


def at_uri(repo: str, rkey: str) -> str:
    """The address of a post in its repository."""
    return f"at://{repo}/{POST}/{rkey}"


def rkey_of(uri: str) -> str:
    """The record key at the end of an at:// address."""
    return uri.rsplit("/", 1)[-1]


def page_url(handle: str, rkey: str) -> str:
    """Where people find the post."""
    return f"{SITE}/{handle.removeprefix('@')}/post/{rkey}"


def uri_of_page(account: Account, url: str) -> str | None:
    """The at:// address of this account's post on a page of bsky.app; None for any other page."""
    found = _PAGE.fullmatch(url)
    if found is None or found["actor"] not in (account.handle.removeprefix("@"), account.remote_id):
        return None
    return at_uri(account.remote_id, found["rkey"])


def body_of(outgoing: Outgoing) -> str:
    """The text as posted: a link becomes a card, or a line of the text when there are images."""
    return with_link(outgoing.text, outgoing.link) if outgoing.media else outgoing.text


def created_at(key: Key) -> str:
    """The due instant as atproto writes times."""
    return key.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def kept_creation(live: Mapping[str, Any]) -> str:
    """When a live record (an answer of getRecord) says it was created: an edit keeps that."""
    stated = live["value"].get("createdAt") if isinstance(live.get("value"), dict) else None
    if not isinstance(stated, str):
        raise PlatformChanged("the live post has no createdAt")
    return stated


def unknown_mention(outgoing: Outgoing, staged: Staged) -> str | None:
    """The first handle not yet looked up."""
    return next((name for name in mentioned(body_of(outgoing)) if _MENTION + name not in staged.handle), None)


def unstaged_image(outgoing: Outgoing, staged: Staged) -> MediaFile | None:
    """The first image not yet uploaded."""
    return next((image for image in outgoing.media if _IMAGE + image.sha256 not in staged.handle), None)


def with_mention(staged: Staged, handle: str, did: str) -> Staged:
    """The staging with one handle looked up; an empty `did` means that nobody has it."""
    return Staged(handle={**staged.handle, _MENTION + handle: did})


def with_image(staged: Staged, image: MediaFile, blob: Mapping[str, Any]) -> Staged:
    """The staging with one image uploaded; only the fields of a blob reference are kept."""
    kept = {"$type": "blob", "ref": {"$link": blob["ref"]["$link"]}}
    kept |= {name: blob[name] for name in ("mimeType", "size")}
    return Staged(handle={**staged.handle, _IMAGE + image.sha256: json.dumps(kept)})


def without_images(staged: Staged) -> Staged:
    """The staging with every image still to be uploaded."""
    return Staged(
        handle={name: value for name, value in staged.handle.items() if not name.startswith(_IMAGE)}
    )


def post_record(outgoing: Outgoing, staged: Staged, created: str) -> dict[str, Any]:
    """The app.bsky.feed.post record; NotSent when an image was not staged."""
    body = body_of(outgoing)
    dids = {
        name.removeprefix(_MENTION): did for name, did in staged.handle.items() if name.startswith(_MENTION)
    }
    record = {"$type": POST, "text": body, "createdAt": created, "langs": [outgoing.language]}
    optional = {"facets": facets(body, dids), "embed": _embed(outgoing, staged)}
    return record | {name: value for name, value in optional.items() if value}


def _embed(outgoing: Outgoing, staged: Staged) -> dict[str, Any] | None:
    if outgoing.media:
        images = [_image(image, staged) for image in outgoing.media]
        return {"$type": "app.bsky.embed.images", "images": images}
    return _card(outgoing.text, outgoing.link) if outgoing.link else None


def _image(image: MediaFile, staged: Staged) -> dict[str, Any]:
    blob = staged.handle.get(_IMAGE + image.sha256)
    if blob is None:
        raise NotSent(f"image {image.name} is not uploaded")
    ratio = {"width": image.width, "height": image.height}
    return {"image": json.loads(blob), "alt": image.alt, "aspectRatio": ratio}


def _card(text: str, link: str) -> dict[str, Any]:
    host = urlsplit(link).hostname or link
    title = text.strip().partition("\n")[0].strip() or host
    return {
        "$type": "app.bsky.embed.external",
        "external": {"uri": link, "title": title, "description": host},
    }
