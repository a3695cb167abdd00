"""Laying a post out where nobody sees it: images first, then a draft found again by its slug."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.contract import MediaFile, Outgoing, Session, Staged
from connectors.errors import Rejected
from connectors.http import Effect, Reply
from connectors.wordpress.content import Image, image_name, mark_of, post_fields, stored_alt
from connectors.wordpress.rest import accepted, accepted_list, is_gone, post_path, read, send, whole_number

POST = "post"
_UNRELEASED = frozenset({"draft", "pending", "auto-draft"})


async def stage_next(session: Session, outgoing: Outgoing, slug: str, staged: Staged) -> Staged:
    """One more step: an image in the library, else the draft that uses them all."""
    for number, file in enumerate(outgoing.media):
        if f"image{number}" not in staged.handle:
            image = await _place_image(session, image_name(slug, number, file), file)
            step = {f"image{number}": f"{image.media_id} {image.url}"}
            return Staged(handle={**staged.handle, **step})
    images = staged_images(outgoing, staged)
    await _describe(session, images, outgoing.media)
    post_id = await _place_draft(session, slug, post_fields(outgoing, slug, images))
    return Staged(handle={**staged.handle, POST: str(post_id)}, complete=True)


async def place_images(session: Session, outgoing: Outgoing, slug: str) -> list[Image]:
    """All images of a post in the library with their alt texts; those already there stay."""
    names = [image_name(slug, number, file) for number, file in enumerate(outgoing.media)]
    images = [
        await _place_image(session, name, file) for name, file in zip(names, outgoing.media, strict=True)
    ]
    await _describe(session, images, outgoing.media)
    return images


async def find_own(session: Session, slug: str) -> tuple[dict[str, Any] | None, Reply]:
    """The post of that slug whose text was made for it, whatever its status but trash, and the answer."""
    reply = await read(session, "wp/v2/posts", slug=slug, status="any", context="edit")
    for post in accepted_list(session, reply):
        if mark_of(raw_content(post)) == slug:
            return post, reply
    return None, reply


async def stored(session: Session, path: str) -> tuple[dict[str, Any], Reply]:
    """The post as it is stored, empty when it is gone, and the answer."""
    reply = await read(session, path, context="edit")
    return {} if is_gone(reply) else accepted(session, reply), reply


def raw_content(post: Mapping[str, Any]) -> str:
    """The stored HTML of a post read with context=edit."""
    content = post.get("content")
    return str(content.get("raw", "")) if isinstance(content, dict) else ""


def staged_images(outgoing: Outgoing, staged: Staged) -> list[Image]:
    """The post's images as the handle names them."""
    return [_stored(staged.handle[f"image{number}"]) for number in range(len(outgoing.media))]


async def _place_image(session: Session, name: str, file: MediaFile) -> Image:
    """Find the image by its slug, which a repeat gives it again, or upload it."""
    reply = await read(session, "wp/v2/media", slug=name)
    found = accepted_list(session, reply)
    if found:
        return _image(reply, found[0])
    kind = file.mime_type.removeprefix("image/")
    headers = {"Content-Type": file.mime_type, "Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    reply = await send(session, Effect.STAGE, "wp/v2/media", content=file.content, headers=headers)
    return _image(reply, accepted(session, reply))


def _image(reply: Reply, media: Mapping[str, Any]) -> Image:
    return Image(whole_number(reply, media), str(media.get("source_url", "")))


def _stored(entry: str) -> Image:
    media_id, _, url = entry.partition(" ")
    return Image(int(media_id), url)


async def _describe(session: Session, images: Sequence[Image], files: Sequence[MediaFile]) -> None:
    for image, file in zip(images, files, strict=True):
        path = f"wp/v2/media/{image.media_id}"
        described = {"alt_text": stored_alt(file)}
        accepted(session, await send(session, Effect.STAGE, path, json=described))


async def _place_draft(session: Session, slug: str, fields: Mapping[str, Any]) -> int:
    """The id of the one draft under this slug, made when there is none."""
    found, reply = await find_own(session, slug)
    if found is None:
        draft = {**fields, "slug": slug, "status": "draft"}
        reply = await send(session, Effect.STAGE, "wp/v2/posts", json=draft)
        made = accepted(session, reply)
        if made.get("slug") == slug:
            return whole_number(reply, made)
        found = await _instead_of(session, whole_number(reply, made), slug)
    post_id = whole_number(reply, found)
    if found.get("status") in _UNRELEASED:
        accepted(session, await send(session, Effect.STAGE, post_path(str(post_id)), json=fields))
    return post_id


async def _instead_of(session: Session, renamed_id: int, slug: str) -> dict[str, Any]:
    """WordPress renamed our draft, so the slug is taken: drop it for the holder, if that is ours too."""
    path = post_path(str(renamed_id))
    accepted(session, await send(session, Effect.STAGE, path, method="DELETE", params={"force": "true"}))
    found, reply = await find_own(session, slug)
    if found is None:
        raise Rejected(
            f"another post of the site has the slug {slug}", field="post", evidence=reply.evidence()
        )
    return found
