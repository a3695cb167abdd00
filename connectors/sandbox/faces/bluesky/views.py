"""The app.bsky.* part of the face: profiles, posts with their counters, author feeds."""

from typing import Any

from connectors.sandbox.clock import stamp
from connectors.sandbox.faces.bluesky.repos import POST, Record, Repo, Repos, arguments, limit_of
from connectors.sandbox.faces.bluesky.sessions import Sessions
from connectors.sandbox.faces.bluesky.turn import Turn, refuse
from connectors.sandbox.world import AccountState, World

BATCH = 25
CDN = "https://cdn.bsky.sandbox.test/img"


class Views:
    """Reads through the AppView; as on a PDS, they need the session."""

    def __init__(self, world: World, sessions: Sessions, repos: Repos) -> None:
        self._world = world
        self._sessions = sessions
        self._repos = repos

    def posts(self, turn: Turn) -> dict[str, Any]:
        """app.bsky.feed.getPosts: at most 25 `uris`; those that do not exist are left out."""
        self._sessions.account_of(turn)
        asked = turn.call.arguments
        if unknown := {name for name, _ in asked} - {"uris"}:
            raise refuse(f"Unknown parameter: {min(unknown)}")
        if not 1 <= len(asked) <= BATCH:
            raise refuse(f"Error: uris must have 1 to {BATCH} elements")
        found = [self._repos.record(uri) for _, uri in asked]
        return {"posts": [self.post(*pair) for pair in found if pair and pair[1].value["$type"] == POST]}

    def feed(self, turn: Turn) -> dict[str, Any]:
        """app.bsky.feed.getAuthorFeed, newest first."""
        self._sessions.account_of(turn)
        asked = arguments(turn, {"actor"}, {"limit", "cursor", "filter", "includePins"})
        limit = limit_of(asked, default=50)
        found = self._repos.newest(asked["actor"], POST)
        if cursor := asked.get("cursor"):
            found = [one for one in found if one[0] < cursor]
        repo = self._repos.of(asked["actor"])
        feed = [{"post": self.post(repo, record)} for _, record in found[:limit]]
        return {"feed": feed, **({"cursor": found[limit - 1][0]} if len(found) > limit else {})}

    def profile(self, turn: Turn) -> dict[str, Any]:
        """app.bsky.actor.getProfile: followers as of the last time the audience moved."""
        self._sessions.account_of(turn)
        actor = arguments(turn, {"actor"}, set())["actor"]
        account = self._world.known("bluesky", actor)
        if account is None:
            raise refuse("Profile not found")
        return {
            **author(account),
            "followersCount": account.followers,
            "followsCount": 0,
            "postsCount": len(self._repos.newest(actor, POST)),
            "indexedAt": stamp(account.created_at),
        }

    def resolve(self, turn: Turn) -> dict[str, Any]:
        """com.atproto.identity.resolveHandle, without authentication."""
        handle = arguments(turn, {"handle"}, set())["handle"]
        account = self._world.known("bluesky", handle)
        if account is None or handle.startswith("did:"):
            raise refuse("Unable to resolve handle")
        return {"did": account.remote_id}

    def post(self, repo: Repo, record: Record) -> dict[str, Any]:
        """app.bsky.feed.defs#postView."""
        embed = _embed_view(repo.account.remote_id, record.value.get("embed"))
        return {
            **record.reference(),
            "author": author(repo.account),
            "record": record.value,
            **({"embed": embed} if embed else {}),
            **self._world.posts[record.uri].counters(),
            "indexedAt": stamp(record.at),
            "viewer": {"threadMuted": False, "embeddingDisabled": False},
            "labels": [],
        }


def author(account: AccountState) -> dict[str, Any]:
    """app.bsky.actor.defs#profileViewBasic."""
    return {
        "did": account.remote_id,
        "handle": account.handle,
        "displayName": account.name,
        "labels": [],
        "createdAt": stamp(account.created_at),
    }


def _embed_view(did: str, embed: dict[str, Any] | None) -> dict[str, Any] | None:
    media = (embed or {}).get("media", embed)
    if media and media["$type"] == "app.bsky.embed.images":
        images = [{**_image_urls(did, one["image"]), "alt": one["alt"]} for one in media["images"]]
        return {"$type": "app.bsky.embed.images#view", "images": images}
    if media and media["$type"] == "app.bsky.embed.external":
        card = dict(media["external"])
        if thumb := card.pop("thumb", None):
            card["thumb"] = _image_urls(did, thumb)["thumb"]
        return {"$type": "app.bsky.embed.external#view", "external": card}
    return None


def _image_urls(did: str, blob: dict[str, Any]) -> dict[str, str]:
    return {size: f"{CDN}/{size}/plain/{did}/{blob['ref']['$link']}" for size in ("thumb", "fullsize")}
