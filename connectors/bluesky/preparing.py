"""Everything invisible before a post: handles looked up, images uploaded."""

from connectors.bluesky.records import unknown_mention, unstaged_image, with_image, with_mention
from connectors.bluesky.xrpc import accepted, access_token, error_of, read, send
from connectors.contract import MediaFile, Outgoing, Session, Staged
from connectors.http import Effect

NOBODY = frozenset({"InvalidRequest", "HandleNotFound"})


async def prepare(session: Session, outgoing: Outgoing, staged: Staged) -> Staged:
    """Every step that is left."""
    while not staged.complete:
        staged = await prepare_next(session, outgoing, staged)
    return staged


def is_prepared(outgoing: Outgoing, staged: Staged) -> bool:
    """True when no step is left."""
    return unknown_mention(outgoing, staged) is None and unstaged_image(outgoing, staged) is None


async def prepare_next(session: Session, outgoing: Outgoing, staged: Staged) -> Staged:
    """One more step: a handle looked up, else an image uploaded, else complete."""
    if handle := unknown_mention(outgoing, staged):
        return with_mention(staged, handle, await _did_of(session, handle))
    if image := unstaged_image(outgoing, staged):
        return await _upload(session, image, staged)
    return Staged(handle=staged.handle, complete=True)


async def _did_of(session: Session, handle: str) -> str:
    reply = await read(session, "com.atproto.identity.resolveHandle", handle=handle)
    if reply.status == 400 and error_of(reply) in NOBODY:
        return ""
    return str(accepted(session, reply).get("did", ""))


async def _upload(session: Session, image: MediaFile, staged: Staged) -> Staged:
    reply = await send(
        session,
        Effect.STAGE,
        "com.atproto.repo.uploadBlob",
        token=access_token(session),
        content=image.content,
        headers={"Content-Type": image.mime_type},
    )
    try:
        return with_image(staged, image, accepted(session, reply)["blob"])
    except (KeyError, TypeError):
        raise reply.unreadable("the answer holds no blob reference") from None
