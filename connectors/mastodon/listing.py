"""Looking for a status of ours in the account's own listing, newest first."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.contract import Absent, CannotTell, Finding, Found, Probe, Session
from connectors.http import Reply
from connectors.mastodon.api import read, require
from connectors.mastodon.statuses import is_same, published
from connectors.waiting import at_iso

PAGE = 40
PAGES = 10
CLOCKS_APART = timedelta(seconds=120)


async def find(session: Session, probe: Probe) -> Finding:
    """The account's first own status since the probe with the same words and images.

    A boost shows another account's words; a listing proves no absence.
    """
    since = probe.since - CLOCKS_APART
    async for reply, statuses in _pages(session):
        for status in statuses:
            made_at = _made_at(reply, status)
            if made_at < since:
                return Absent(proof=False)
            if _is_own(session, status) and is_same(reply, status, probe.outgoing):
                return Found(published=published(reply, status))
        if len(statuses) < PAGE:
            return Absent(proof=False)
    return CannotTell(reason=f"the account has more than {PAGE * PAGES} newer posts")


async def _pages(session: Session) -> AsyncIterator[tuple[Reply, list[Mapping[str, Any]]]]:
    path = f"/api/v1/accounts/{session.account.remote_id}/statuses"
    older_than: dict[str, str] = {}
    for _ in range(PAGES):
        reply = await read(session, path, limit=PAGE, exclude_reblogs="true", **older_than)
        require(session, reply)
        statuses = reply.json()
        if not isinstance(statuses, list) or not all(isinstance(status, dict) for status in statuses):
            raise reply.unreadable("the answer is not a list of statuses")
        yield reply, statuses
        older_than = {"max_id": str(statuses[-1].get("id"))} if statuses else {}


def _is_own(session: Session, status: Mapping[str, Any]) -> bool:
    author = status.get("account")
    by = author.get("id") if isinstance(author, dict) else None
    return status.get("reblog") is None and by == session.account.remote_id


def _made_at(reply: Reply, status: Mapping[str, Any]) -> datetime:
    made_at = at_iso(status.get("created_at"))
    if made_at is None:
        raise reply.unreadable("a status has no created_at")
    return made_at
