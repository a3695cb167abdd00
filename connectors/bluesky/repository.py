"""Posts in the account's repository: read, write and remove by record key."""

from collections.abc import Mapping
from typing import Any

from connectors.bluesky.records import POST, at_uri, page_url
from connectors.bluesky.xrpc import accepted, access_token, error_of, read, send
from connectors.contract import Published, Session
from connectors.http import Effect, Reply


async def get(session: Session, rkey: str) -> Reply:
    """getRecord, which needs no token."""
    return await read(session, "com.atproto.repo.getRecord", **_place(session, rkey))


def is_absent(reply: Reply) -> bool:
    """True when getRecord proves that there is no such record: 400, not 404."""
    return reply.status == 400 and error_of(reply) == "RecordNotFound"


async def put(
    session: Session, rkey: str, record: Mapping[str, Any], *, over: Mapping[str, Any] | None = None
) -> Reply:
    """putRecord; with `over` (an answer of getRecord) only if the live record is still that one."""
    unchanged = {"swapRecord": over["cid"]} if over and "cid" in over else {}
    return await send(
        session,
        Effect.WRITE,
        "com.atproto.repo.putRecord",
        token=access_token(session),
        json={**_place(session, rkey), "record": record, **unchanged},
    )


async def remove(session: Session, rkey: str) -> None:
    """deleteRecord, which succeeds for nothing too."""
    reply = await send(
        session,
        Effect.WRITE,
        "com.atproto.repo.deleteRecord",
        token=access_token(session),
        json=_place(session, rkey),
    )
    accepted(session, reply)


def published(session: Session, reply: Reply, rkey: str) -> Published:
    """The post an answer of getRecord or putRecord speaks of; unreadable unless it is the one asked for."""
    uri = accepted(session, reply).get("uri")
    if uri != at_uri(session.account.remote_id, rkey):
        raise reply.unreadable("the answer is not about this record")
    return Published(remote_id=uri, url=page_url(session.account.handle, rkey), evidence=reply.evidence())


def _place(session: Session, rkey: str) -> dict[str, str]:
    return {"repo": session.account.remote_id, "collection": POST, "rkey": rkey}
