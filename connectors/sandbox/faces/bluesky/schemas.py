"""The records this face takes, limits from the lexicons of @atproto/api 0.20.44 (npm, 2026-11)."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from connectors.sandbox.faces.bluesky.lexicon import (
    Check,
    Invalid,
    anything,
    array,
    boolean,
    closed,
    image_blob,
    nullable,
    one_of,
    text,
    union,
    whole,
)

STRONG_REF = closed({"uri": text(form="at-uri"), "cid": text(form="cid")})
ASPECT_RATIO = closed({"width": whole(minimum=1), "height": whole(minimum=1)})
IMAGE = closed({"image": image_blob(max_bytes=2_000_000), "alt": text()}, {"aspectRatio": ASPECT_RATIO})
IMAGES = closed({"images": array(IMAGE, maximum=4)})
EXTERNAL = closed(
    {
        "external": closed(
            {"uri": text(form="uri"), "title": text(), "description": text()},
            {"thumb": image_blob(max_bytes=1_000_000)},
        )
    }
)
QUOTE = closed({"record": STRONG_REF})
MEDIA = {"app.bsky.embed.images": IMAGES, "app.bsky.embed.external": EXTERNAL}
EMBED = union(
    {
        **MEDIA,
        "app.bsky.embed.record": QUOTE,
        "app.bsky.embed.recordWithMedia": closed({"record": QUOTE, "media": union(MEDIA)}),
    }
)
FEATURE = union(
    {
        "app.bsky.richtext.facet#mention": closed({"did": text(form="did")}),
        "app.bsky.richtext.facet#link": closed({"uri": text(form="uri")}),
        "app.bsky.richtext.facet#tag": closed({"tag": text(max_bytes=640, max_graphemes=64)}),
    }
)
FACET = closed(
    {"index": closed({"byteStart": whole(), "byteEnd": whole()}), "features": array(FEATURE, minimum=1)}
)
SELF_LABELS = union(
    {
        "com.atproto.label.defs#selfLabels": closed(
            {"values": array(closed({"val": text(max_bytes=128)}), maximum=10)}
        )
    }
)
POST = closed(
    {"text": text(max_bytes=3000, max_graphemes=300), "createdAt": text(form="datetime")},
    {
        "facets": array(FACET),
        "reply": closed({"root": STRONG_REF, "parent": STRONG_REF}),
        "embed": EMBED,
        "langs": array(text(form="language"), maximum=3),
        "labels": SELF_LABELS,
        "tags": array(text(max_bytes=640, max_graphemes=64), maximum=8),
    },
)
POINTER = closed({"subject": STRONG_REF, "createdAt": text(form="datetime")})
RECORDS: Mapping[str, Check] = {
    "app.bsky.feed.post": POST,
    "app.bsky.feed.like": POINTER,
    "app.bsky.feed.repost": POINTER,
}
_NAMES = {"repo": text(), "collection": one_of(*RECORDS), "rkey": text(max_bytes=512)}
_STRICT = {"validate": boolean}
PUT = closed({**_NAMES, "record": anything}, {**_STRICT, "swapRecord": nullable(text(form="cid"))})
CREATE = closed(
    {"repo": _NAMES["repo"], "collection": _NAMES["collection"], "record": anything},
    {**_STRICT, "rkey": _NAMES["rkey"]},
)
DELETE = closed(_NAMES, {"swapRecord": text(form="cid")})
LOGIN = closed({"identifier": text(), "password": text()}, {"allowTakendown": boolean})


def check_record(collection: str, record: Mapping[str, Any]) -> None:
    """Refuse a record that breaks its lexicon, or whose facets do not sit on the words they mean."""
    if record.get("$type") != collection:
        raise Invalid(f"expected $type {collection!r} (got {record.get('$type')!r}) at $.record.$type")
    RECORDS[collection](record, "$")
    if collection == "app.bsky.feed.post":
        check_facets(record["text"], record.get("facets", []))
        if not record["text"] and "embed" not in record:
            raise Invalid("a post without text needs an embed at $.text")


def check_facets(words: str, facets: list[dict[str, Any]]) -> None:
    """Refuse byte ranges outside the text, inside a character, overlapping, or on other words."""
    content = words.encode()
    spans = sorted((facet["index"]["byteStart"], facet["index"]["byteEnd"]) for facet in facets)
    for before, after in itertools.pairwise(spans):
        if after[0] < before[1]:
            raise Invalid(f"facets {before} and {after} overlap at $.facets")
    for facet in facets:
        covered = _slice(content, facet["index"]["byteStart"], facet["index"]["byteEnd"])
        for feature in facet["features"]:
            _check_feature(feature, covered)


def _slice(content: bytes, start: int, end: int) -> str:
    if not start < end <= len(content):
        raise Invalid(f"facet range {start}-{end} is not inside {len(content)} bytes at $.facets")
    try:
        return content[start:end].decode()
    except UnicodeDecodeError:
        raise Invalid(f"facet range {start}-{end} cuts a character at $.facets") from None


def _check_feature(feature: Mapping[str, Any], covered: str) -> None:
    kind = feature["$type"].partition("#")[2]
    fits = {
        "mention": covered.startswith("@"),
        "tag": covered[1:] == feature.get("tag") and covered[0] in "#＃",
        "link": covered == covered.strip() and _same_link(covered, str(feature.get("uri"))),
    }[kind]
    if not fits:
        raise Invalid(f"facet {kind} covers {covered!r} at $.facets")


def _same_link(covered: str, uri: str) -> bool:
    """Words that look like an address must be the one they lead to (it may be shortened with dots)."""
    if not covered.startswith(("http://", "https://")):
        return True
    shortened = covered.removesuffix("…").removesuffix("...")
    return uri.startswith(shortened) if shortened != covered else uri.rstrip("/") == covered.rstrip("/")


def blobs_in(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every blob reference anywhere in a record."""
    if isinstance(value, dict):
        if value.get("$type") == "blob":
            yield value
        for inner in value.values():
            yield from blobs_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from blobs_in(inner)
