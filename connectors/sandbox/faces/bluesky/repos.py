"""Repositories as they stand: records by key, blobs by content, and reading them without a session.

Answers as seen on PDS 0.5, 2026-11-22: getRecord of nothing is 400 RecordNotFound.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.sandbox.faces.bluesky.turn import Turn, refuse
from connectors.sandbox.world import AccountState, World

POST = "app.bsky.feed.post"


@dataclass(slots=True, kw_only=True)
class Record:
    """One record as it stands."""

    uri: str
    cid: str
    value: dict[str, Any]
    at: datetime

    def reference(self) -> dict[str, Any]:
        """What a write answers."""
        return {"uri": self.uri, "cid": self.cid}


@dataclass(slots=True, kw_only=True)
class Repo:
    """All records and blobs of one account."""

    account: AccountState
    records: dict[tuple[str, str], Record] = field(default_factory=dict)
    blobs: dict[str, tuple[str, int]] = field(default_factory=dict)


class Repos:
    """All repositories of the network."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._repos: dict[str, Repo] = {}

    def of(self, name: str) -> Repo:
        """The repository by handle or DID."""
        account = self._world.known("bluesky", name)
        if account is None:
            raise refuse(f"Could not find repo: {name}")
        return self._repos.setdefault(account.remote_id, Repo(account=account))

    def record(self, uri: str) -> tuple[Repo, Record] | None:
        """A record by at-uri, with its repository."""
        parts = uri.removeprefix("at://").split("/")
        repo = self._repos.get(parts[0])
        found = repo.records.get((parts[1], parts[2])) if repo and len(parts) == 3 else None
        return (repo, found) if repo and found else None

    def get(self, turn: Turn) -> dict[str, Any]:
        """com.atproto.repo.getRecord, without authentication."""
        asked = arguments(turn, {"repo", "collection", "rkey"}, {"cid"})
        repo = self.of(asked["repo"])
        record = repo.records.get((asked["collection"], asked["rkey"]))
        if record is None or asked.get("cid", record.cid) != record.cid:
            uri = f"at://{repo.account.remote_id}/{asked['collection']}/{asked['rkey']}"
            raise refuse(f"Could not locate record: {uri}", error="RecordNotFound")
        return {**record.reference(), "value": record.value}

    def page(self, turn: Turn) -> dict[str, Any]:
        """com.atproto.repo.listRecords, newest key first."""
        asked = arguments(turn, {"repo", "collection"}, {"limit", "cursor", "reverse"})
        limit = limit_of(asked, default=50)
        backwards = asked.get("reverse") != "true"
        found = self.newest(asked["repo"], asked["collection"], reverse=backwards)
        if cursor := asked.get("cursor"):
            found = [one for one in found if (one[0] < cursor if backwards else one[0] > cursor)]
        shown = found[:limit]
        records = [{**record.reference(), "value": record.value} for _, record in shown]
        return {"records": records, **({"cursor": shown[-1][0]} if len(found) > limit else {})}

    def newest(self, name: str, collection: str, *, reverse: bool = True) -> list[tuple[str, Record]]:
        """(rkey, record) of one collection, by key; the newest first unless `reverse` is False."""
        records = self.of(name).records
        return sorted(
            ((rkey, record) for (kind, rkey), record in records.items() if kind == collection),
            key=lambda pair: pair[0],
            reverse=reverse,
        )


def arguments(turn: Turn, required: set[str], optional: set[str]) -> dict[str, str]:
    """The query as a closed set of single parameters."""
    asked = dict(turn.call.arguments)
    if unknown := asked.keys() - required - optional:
        raise refuse(f"Unknown parameter: {min(unknown)}")
    if missing := required - asked.keys():
        raise refuse(f'Error: Params must have the property "{min(missing)}"')
    return asked


def limit_of(asked: dict[str, str], *, default: int) -> int:
    """The `limit` parameter, 1 to 100."""
    limit = asked.get("limit", str(default))
    if not limit.isdigit() or not 1 <= int(limit) <= 100:
        raise refuse("Error: limit must be between 1 and 100")
    return int(limit)
