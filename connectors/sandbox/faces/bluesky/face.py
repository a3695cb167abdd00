"""The table of XRPC methods and the way through it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from connectors.sandbox.exchange import Answer, Call, Refused, answer_json
from connectors.sandbox.faces.bluesky.cids import did
from connectors.sandbox.faces.bluesky.repos import Repos
from connectors.sandbox.faces.bluesky.sessions import Sessions
from connectors.sandbox.faces.bluesky.turn import ADDRESS, Turn, refuse, too_many
from connectors.sandbox.faces.bluesky.views import Views
from connectors.sandbox.faces.bluesky.writing import Writing
from connectors.sandbox.world import AccountState, World


@dataclass(frozen=True, slots=True)
class Method:
    """A query is a GET, a procedure a POST (XRPC)."""

    verb: Literal["GET", "POST"]
    run: Callable[[Turn], dict[str, Any]]


class BlueskyFace:
    """{url}/bluesky: XRPC under /xrpc/NSID."""

    name = "bluesky"
    text_at: tuple[str, ...] = ("record", "text")
    images_at: tuple[str, ...] = ("record", "embed", "images")

    def __init__(self, world: World) -> None:
        self._world = world
        self._sessions = Sessions(world)
        repos = Repos(world)
        writing, views = Writing(world, self._sessions, repos), Views(world, self._sessions, repos)
        self._methods = {
            **_session_methods(self._sessions),
            **_repo_methods(repos, writing),
            **_view_methods(views),
        }

    def answer(self, call: Call) -> Answer:
        """Do what a PDS would do; unknown methods are 501 MethodNotImplemented."""
        turn = Turn(call=call, world=self._world)
        try:
            turn.spend((ADDRESS,), subject=call.client)
            answer = answer_json(self._method(call).run(turn))
        except Refused as refused:
            answer = refused.answer
        return answer.plus(turn.headers())

    def open_account(self, name: str) -> AccountState:
        """An account with an app password; its handle ends in .test, as on a development network."""
        password = self._world.digest("bluesky", name, "password").hex()
        handle = name if "." in name else f"{name}.test"
        return AccountState(
            platform=self.name,
            name=name.partition(".")[0],
            handle=handle,
            remote_id=did(self._world.digest("bluesky", name)),
            base_url=f"{self._world.url}/bluesky",
            created_at=self._world.now(),
            secret={
                "identifier": handle,
                "password": "-".join(password[start : start + 4] for start in (0, 4, 8, 12)),
            },
        )

    def rate_limited(self, retry_after: Any) -> Answer:
        """429 RateLimitExceeded."""
        return too_many(retry_after)

    def error(self) -> Answer:
        """An internal error."""
        body = {"error": "InternalServerError", "message": "Internal Server Error"}
        return answer_json(body, status=500)

    def _method(self, call: Call) -> Method:
        method = self._methods.get(call.path.removeprefix("/xrpc/"))
        if method is None or not call.path.startswith("/xrpc/"):
            raise refuse("Method Not Implemented", error="MethodNotImplemented", status=501)
        if call.method != method.verb:
            raise refuse(f"Incorrect HTTP method ({call.method}) expected {method.verb}", status=405)
        if method.verb == "POST" and call.query:
            raise refuse("procedures take no parameters")
        return method


def _session_methods(sessions: Sessions) -> Mapping[str, Method]:
    return {
        "com.atproto.server.describeServer": Method("GET", _describe_server),
        "com.atproto.server.createSession": Method("POST", sessions.create),
        "com.atproto.server.refreshSession": Method("POST", sessions.refresh),
        "com.atproto.server.deleteSession": Method("POST", sessions.end),
        "com.atproto.server.getSession": Method("GET", sessions.show),
    }


def _repo_methods(repos: Repos, writing: Writing) -> Mapping[str, Method]:
    return {
        "com.atproto.repo.uploadBlob": Method("POST", writing.upload),
        "com.atproto.repo.putRecord": Method("POST", writing.put),
        "com.atproto.repo.createRecord": Method("POST", writing.create),
        "com.atproto.repo.deleteRecord": Method("POST", writing.delete),
        "com.atproto.repo.getRecord": Method("GET", repos.get),
        "com.atproto.repo.listRecords": Method("GET", repos.page),
    }


def _view_methods(views: Views) -> Mapping[str, Method]:
    return {
        "com.atproto.identity.resolveHandle": Method("GET", views.resolve),
        "app.bsky.feed.getPosts": Method("GET", views.posts),
        "app.bsky.feed.getAuthorFeed": Method("GET", views.feed),
        "app.bsky.actor.getProfile": Method("GET", views.profile),
    }


def _describe_server(_turn: Turn) -> dict[str, Any]:
    return {
        "did": "did:web:bluesky.sandbox.test",
        "availableUserDomains": [".test"],
        "inviteCodeRequired": False,
        "links": {},
        "contact": {},
    }
