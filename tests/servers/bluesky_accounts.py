"""People on the real Bluesky network: they post, like, repost, reply, quote and follow, and it is counted."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.servers.bluesky import BlueskyNetwork

PASSWORD = "correct horse battery staple"
INDEXED_WITHIN_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody signed in; the access token lasts two hours (PDS 0.5, seen 2026-11-22)."""

    network: BlueskyNetwork
    handle: str
    did: str
    password: str
    app_password: str
    access_token: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record's address and the hash of its content."""

    uri: str
    cid: str


def create_account(network: BlueskyNetwork, handle: str) -> Account:
    """Sign up; the handle ends in `.test` and its name has three letters or more."""
    wanted = {"handle": handle, "email": f"{handle}@example.test", "password": PASSWORD}
    session = _call(network, "com.atproto.server.createAccount", wanted)
    token = session["accessJwt"]
    secret = _call(network, "com.atproto.server.createAppPassword", {"name": "scheduler"}, token=token)
    return Account(
        network=network,
        handle=handle,
        did=session["did"],
        password=PASSWORD,
        app_password=secret["password"],
        access_token=token,
    )


def post(author: Account, text: str, **fields: object) -> Record:
    """Create a post."""
    return _create(author, "app.bsky.feed.post", text=text, **fields)


def like(by: Account, target: Record) -> Record:
    """Like a post."""
    return _create(by, "app.bsky.feed.like", subject=_reference(target))


def repost(by: Account, target: Record) -> Record:
    """Repost a post."""
    return _create(by, "app.bsky.feed.repost", subject=_reference(target))


def reply(by: Account, target: Record, text: str) -> Record:
    """Answer a post that is itself no answer."""
    return post(by, text, reply={"root": _reference(target), "parent": _reference(target)})


def quote(by: Account, target: Record, text: str) -> Record:
    """Post with another post quoted."""
    return post(by, text, embed={"$type": "app.bsky.embed.record", "record": _reference(target)})


def follow(by: Account, whom: Account) -> Record:
    """Follow somebody."""
    return _create(by, "app.bsky.graph.follow", subject=whom.did)


def list_posts(author: Account) -> list[dict[str, Any]]:
    """Every post in the author's repository, as the PDS lists them: uri, cid and value."""
    asked = {"repo": author.did, "collection": "app.bsky.feed.post", "limit": "100"}
    answer = httpx.get(f"{author.network.pds_url}/xrpc/com.atproto.repo.listRecords", params=asked)
    listed = answer.raise_for_status().json()
    records: list[dict[str, Any]] = listed["records"]
    assert len(records) < 100, "there may be more"
    return records


def get_post(network: BlueskyNetwork, uri: str) -> dict[str, Any] | None:
    """Return the AppView's public view of a post, with its counts; None while or when it shows none."""
    answer = httpx.get(f"{network.appview_url}/xrpc/app.bsky.feed.getPosts", params={"uris": uri})
    posts: list[dict[str, Any]] = answer.raise_for_status().json()["posts"]
    return posts[0] if posts else None


def get_profile(person: Account) -> dict[str, Any] | None:
    """Return the AppView's public view of somebody, with their counts; None while it knows no such person."""
    asked = {"actor": person.did}
    answer = httpx.get(f"{person.network.appview_url}/xrpc/app.bsky.actor.getProfile", params=asked)
    profile: dict[str, Any] | None = None if answer.status_code == 400 else answer.raise_for_status().json()
    return profile


def await_post(network: BlueskyNetwork, uri: str, **counts: int) -> dict[str, Any]:
    """Return the AppView's view of a post once it has these counts (likeCount=1, …), or fail."""
    return _await(lambda: get_post(network, uri), counts)


def await_profile(person: Account, **counts: int) -> dict[str, Any]:
    """Return the AppView's view of somebody once it has these counts (followersCount=1, …), or fail."""
    return _await(lambda: get_profile(person), counts)


def _await(look: Callable[[], dict[str, Any] | None], counts: Mapping[str, int]) -> dict[str, Any]:
    deadline = time.monotonic() + INDEXED_WITHIN_S
    while True:
        seen = look()
        if seen and counts.items() <= seen.items():
            return seen
        assert time.monotonic() < deadline, f"waited for {counts}, the AppView shows {seen}"
        time.sleep(0.1)


def _create(author: Account, collection: str, **fields: object) -> Record:
    record = {"$type": collection, "createdAt": datetime.now(UTC).isoformat(), **fields}
    wanted = {"repo": author.did, "collection": collection, "record": record}
    created = _call(author.network, "com.atproto.repo.createRecord", wanted, token=author.access_token)
    return Record(created["uri"], created["cid"])


def _reference(target: Record) -> dict[str, str]:
    return {"uri": target.uri, "cid": target.cid}


def _call(network: BlueskyNetwork, method: str, body: object, *, token: str | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = httpx.post(f"{network.pds_url}/xrpc/{method}", json=body, headers=headers, timeout=30)
    assert answer.is_success, f"{method}: {answer.status_code} {answer.text}"
    result: dict[str, Any] = answer.json()
    return result
