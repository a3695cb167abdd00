"""Images: uploaded with their alt text, then waited for, each step kept in the staging."""

import asyncio

from connectors.contract import MediaFile, Outgoing, Session, Staged
from connectors.errors import NotSent, Rejected
from connectors.http import Effect
from connectors.mastodon.api import accepted, read, require, send

LOOKS = 20
PAUSE_S = 1.0
_UPLOADED, _READY = "uploaded:", "ready:"


async def attach(session: Session, outgoing: Outgoing, staged: Staged) -> Staged:
    """Every step that is left."""
    while not staged.complete:
        staged = await attach_next(session, outgoing, staged)
    return staged


async def attach_next(session: Session, outgoing: Outgoing, staged: Staged) -> Staged:
    """One more step: wait for an image that is being processed, else upload one, else complete."""
    for index, image in enumerate(outgoing.media):
        if f"{_READY}{index}" in staged.handle:
            continue
        if media_id := staged.handle.get(f"{_UPLOADED}{index}"):
            return await _wait(session, staged, index, media_id)
        return await _upload(session, staged, index, image)
    return Staged(handle=staged.handle, complete=True)


def attached(outgoing: Outgoing, staged: Staged) -> list[str]:
    """The ids of the images in order; NotSent when one is not ready."""
    try:
        return [staged.handle[f"{_READY}{index}"] for index in range(len(outgoing.media))]
    except KeyError:
        raise NotSent("an image is not uploaded") from None


async def _upload(session: Session, staged: Staged, index: int, image: MediaFile) -> Staged:
    """POST /api/v2/media: 200 when ready at once, 202 when processing goes on."""
    reply = await send(
        session,
        Effect.STAGE,
        "POST",
        "/api/v2/media",
        files={"file": (image.name, image.content, image.mime_type)},
        data={"description": image.alt} if image.alt else {},
    )
    media_id = accepted(session, reply).get("id")
    if not isinstance(media_id, str):
        raise reply.unreadable("the answer holds no media id")
    done = _UPLOADED if reply.status == 202 else _READY
    return Staged(handle={**staged.handle, f"{done}{index}": media_id})


async def _wait(session: Session, staged: Staged, index: int, media_id: str) -> Staged:
    """GET /api/v1/media/{id}: 206 until it is ready; uploaded again when the server has dropped it."""
    for _ in range(LOOKS):
        reply = await read(session, f"/api/v1/media/{media_id}")
        if reply.status == 404:
            kept = {name: value for name, value in staged.handle.items() if name != f"{_UPLOADED}{index}"}
            return Staged(handle=kept)
        if reply.status == 422:
            raise Rejected("the image could not be processed", field="media", evidence=reply.evidence())
        require(session, reply)
        if reply.status != 206:
            return Staged(handle={**staged.handle, f"{_READY}{index}": media_id})
        await asyncio.sleep(PAUSE_S)
    raise NotSent("the server is still processing an image")
