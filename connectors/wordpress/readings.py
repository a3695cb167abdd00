"""Counters of posts: approved comments, which every WordPress counts. Views it does not."""

from collections.abc import Sequence

from connectors.contract import Reading, Session
from connectors.errors import NotSent, PlatformChanged
from connectors.http import Reply
from connectors.wordpress.rest import accepted_list, read, require_ok, whole_number

_LARGEST_PAGE = 100


async def read_comments(session: Session, remote_ids: Sequence[str]) -> list[Reading]:
    """One reading a post; `gone` for those deleted or in the trash."""
    listing = {"include": ",".join(remote_ids), "status": "any", "per_page": _LARGEST_PAGE}
    reply = await read(session, "wp/v2/posts", context="edit", **listing)
    live = {str(whole_number(reply, post)) for post in accepted_list(session, reply)}
    return [
        await _read_post(session, post_id) if post_id in live else Reading(remote_id=post_id, gone=True)
        for post_id in remote_ids
    ]


async def _read_post(session: Session, post_id: str) -> Reading:
    try:
        reply = await read(session, "wp/v2/comments", post=post_id, per_page=1)
        require_ok(session, reply)
        return Reading(remote_id=post_id, values={"comments": _total(reply)})
    except (NotSent, PlatformChanged) as error:
        return Reading(remote_id=post_id, missing={"comments": error.reason})


def _total(reply: Reply) -> int:
    """X-WP-Total: how many there are on all pages together."""
    stated = reply.headers.get("x-wp-total", "")
    if not stated.isdecimal():
        raise reply.unreadable("the answer has no X-WP-Total")
    return int(stated)
