"""Counters as the AppView tells them through the PDS."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.bluesky.capabilities import CAPABILITIES
from connectors.bluesky.records import rkey_of
from connectors.bluesky.repository import get, is_absent
from connectors.bluesky.xrpc import accepted, access_token, read
from connectors.contract import Reading, Session
from connectors.errors import ConnectorError
from connectors.readings import reading, unread

POST_COUNTERS = CAPABILITIES.counted("publication")
NOT_TOLD = "not in the answer"
NOT_SHOWN = "the post exists, but the AppView does not show it (yet)"


async def read_posts(session: Session, uris: Sequence[str]) -> list[Reading]:
    """One reading per address; what getPosts leaves out is looked up in the repository."""
    if not uris:
        return []
    reply = await read(session, "app.bsky.feed.getPosts", token=access_token(session), uris=list(uris))
    posts = accepted(session, reply).get("posts")
    if not isinstance(posts, list):
        raise reply.unreadable("the answer holds no posts")
    shown = {post.get("uri"): post for post in posts if isinstance(post, dict)}
    return [await _reading_of(session, uri, shown.get(uri)) for uri in uris]


async def read_audience(session: Session) -> Reading:
    """The profile's follower count."""
    actor = session.account.remote_id
    reply = await read(session, "app.bsky.actor.getProfile", token=access_token(session), actor=actor)
    return reading(actor, CAPABILITIES.counted("channel"), accepted(session, reply), otherwise=NOT_TOLD)


async def _reading_of(session: Session, uri: str, told: Mapping[str, Any] | None) -> Reading:
    return reading(uri, POST_COUNTERS, told, otherwise=NOT_TOLD) if told else await _left_out(session, uri)


async def _left_out(session: Session, uri: str) -> Reading:
    try:
        reply = await get(session, rkey_of(uri))
        if is_absent(reply):
            return Reading(remote_id=uri, gone=True)
        accepted(session, reply)
        reason = NOT_SHOWN
    except ConnectorError as error:
        reason = error.reason
    return unread(uri, POST_COUNTERS, reason)
