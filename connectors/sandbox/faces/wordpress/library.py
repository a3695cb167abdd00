"""The media library: raw uploads, their descriptions, deletion."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from connectors.sandbox.exchange import MULTIPART, Answer
from connectors.sandbox.faces.wordpress.markup import both, title
from connectors.sandbox.faces.wordpress.slugs import slug_of
from connectors.sandbox.faces.wordpress.turn import Turn, integer, invalid, refuse
from connectors.sandbox.pictures import Picture, look_at

EXTENSIONS = {
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
}
TEXTS = ("title", "caption", "description", "alt_text")
CHANGES = (*TEXTS, "slug", "post")
_FILENAME = re.compile(r"filename=\"([^\"]+)\"|filename=([^\s;]+)")


@dataclass(slots=True, kw_only=True)
class Medium:
    """One file of a site."""

    number: int
    name: str
    slug: str
    picture: Picture
    size: int
    at: datetime
    texts: dict[str, str]
    post: int | None = None


class Library:
    """The media part of the face."""

    def upload(self, turn: Turn) -> Answer:
        """POST /media: the raw file with its name in Content-Disposition; 201."""
        turn.needs_right("rest_cannot_create", "create posts as this user")
        texts = {name: str(value) for name, value in turn.arguments((*TEXTS, "slug")).items()}
        name = _filename(turn)
        picture = _accepted(turn, name)
        number = turn.world.serial("wordpress-id")
        stem = name.rpartition(".")[0]
        medium = Medium(
            number=number,
            name=name,
            slug=unique(slug_of(texts.pop("slug", stem)) or str(number), self._slugs(turn)),
            picture=picture,
            size=len(turn.call.body),
            at=turn.world.now(),
            texts={"title": stem, **texts},
        )
        self.of(turn)[number] = medium
        turn.world.record(turn.site, "upload", remote_id=str(number), text=name)
        view = media_view(turn, medium)
        turn.site.native["urls"][view["source_url"]] = number
        return turn.show(view, status=201, location=f"{turn.site.base_url}/wp-json/wp/v2/media/{number}")

    def show(self, turn: Turn) -> Answer:
        """GET /media/{id}."""
        return turn.show(media_view(turn, self._find(turn)))

    def page(self, turn: Turn) -> Answer:
        """GET /media, newest first; by slug, search or ids."""
        asked = turn.arguments(
            ("page", "per_page", "slug", "search", "include", "order", "orderby", "media_type")
        )
        found = [one for one in reversed(self.of(turn).values()) if _wanted(one, asked)]
        return turn.page([media_view(turn, medium) for medium in found])

    def change(self, turn: Turn) -> Answer:
        """POST /media/{id}: alt_text, title, caption, description."""
        medium = self._find(turn)
        turn.needs_right("rest_cannot_edit", "edit this post")
        changes = turn.arguments(CHANGES)
        medium.post = integer("post", changes.pop("post", medium.post or 0)) or None
        if "slug" in changes:
            medium.slug = unique(slug_of(str(changes.pop("slug"))), self._slugs(turn) - {medium.slug})
        for name, value in changes.items():
            if not isinstance(value, str):
                raise invalid(**{name: f"{name} is not of type string."})
            medium.texts[name] = value
        return turn.show(media_view(turn, medium))

    def delete(self, turn: Turn) -> Answer:
        """DELETE /media/{id}: media know no trash, so force is needed."""
        medium = self._find(turn)
        turn.needs_right("rest_cannot_delete", "delete this post")
        if str(turn.arguments(("force",)).get("force", "")).lower() not in ("true", "1"):
            words = "The post does not support trashing. Set 'force=true' to delete."
            raise refuse(501, "rest_trash_not_supported", words)
        previous = media_view(turn, medium)
        del self.of(turn)[medium.number]
        return turn.show({"deleted": True, "previous": previous})

    def of(self, turn: Turn) -> dict[int, Medium]:
        """The site's files by id."""
        media: dict[int, Medium] = turn.site.native["media"]
        return media

    def _slugs(self, turn: Turn) -> set[str]:
        return {medium.slug for medium in self.of(turn).values()}

    def _find(self, turn: Turn) -> Medium:
        medium = self.of(turn).get(turn.number)
        if medium is None:
            raise refuse(404, "rest_post_invalid_id", "Invalid post ID.")
        return medium


def media_view(turn: Turn, medium: Medium) -> dict[str, Any]:
    """An attachment as the REST API shows it."""
    base, editing, texts = turn.site.base_url, turn.editing, medium.texts
    at = medium.at.strftime("%Y-%m-%dT%H:%M:%S")
    file = f"{medium.at:%Y/%m}/{medium.number}-{medium.name}"
    return {
        "id": medium.number,
        **dict.fromkeys(("date", "date_gmt", "modified", "modified_gmt"), at),
        "guid": {"rendered": f"{base}/wp-content/uploads/{file}"},
        "slug": medium.slug,
        "status": "inherit",
        "type": "attachment",
        "link": f"{base}/{medium.slug}/",
        "title": title(texts.get("title", ""), editing=editing),
        "author": 1,
        **dict.fromkeys(("comment_status", "ping_status"), "closed"),
        "template": "",
        "meta": [],
        "description": both(texts.get("description", ""), editing=editing),
        "caption": both(texts.get("caption", ""), editing=editing),
        "alt_text": texts.get("alt_text", ""),
        "media_type": "image",
        "mime_type": medium.picture.mime_type,
        "media_details": {
            "width": medium.picture.width,
            "height": medium.picture.height,
            "file": file,
            "filesize": medium.size,
            "sizes": {},
        },
        "post": medium.post,
        "source_url": f"{base}/wp-content/uploads/{file}",
    }


def unique(slug: str, taken: set[str]) -> str:
    """The slug, or with the first free number behind it, as WordPress renames in silence."""
    if slug not in taken:
        return slug
    number = 2
    while f"{slug}-{number}" in taken:
        number += 1
    return f"{slug}-{number}"


def _filename(turn: Turn) -> str:
    if turn.call.content_type == MULTIPART:
        raise refuse(400, "rest_upload_unknown_error", "The sandbox takes the raw file only.")
    if not turn.call.body:
        raise refuse(400, "rest_upload_no_data", "No data supplied.")
    if not turn.call.content_type:
        raise refuse(400, "rest_upload_no_content_type", "No Content-Type supplied.")
    disposition = turn.call.headers.get("content-disposition", "")
    if not disposition:
        raise refuse(400, "rest_upload_no_content_disposition", "No Content-Disposition supplied.")
    found = _FILENAME.search(disposition)
    if found is None:
        words = "Invalid Content-Disposition supplied."
        raise refuse(400, "rest_upload_invalid_disposition", words)
    return unquote(found[1] or found[2])


def _accepted(turn: Turn, name: str) -> Picture:
    picture = look_at(turn.call.body)
    extension = name.rpartition(".")[2].lower()
    if picture is None or extension not in EXTENSIONS.get(picture.mime_type, ()):
        words = "Sorry, you are not allowed to upload this file type."
        raise refuse(500, "rest_upload_sideload_error", words)
    return picture


def _wanted(medium: Medium, asked: dict[str, Any]) -> bool:
    ids = [int(one) for one in str(asked.get("include", "")).split(",") if one.isdigit()]
    return (
        medium.slug == asked.get("slug", medium.slug)
        and asked.get("search", "") in medium.texts.get("title", "")
        and ("include" not in asked or medium.number in ids)
    )
