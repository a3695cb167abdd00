"""The table of REST routes and the way through it."""

import base64
import binascii
import hmac
from collections.abc import Callable
from typing import Any, TypeAlias

from connectors.sandbox.exchange import Answer, Call, Refused
from connectors.sandbox.faces.wordpress.comments import Comments
from connectors.sandbox.faces.wordpress.library import Library
from connectors.sandbox.faces.wordpress.posts import Posts
from connectors.sandbox.faces.wordpress.turn import Turn, failure, no_route, refuse
from connectors.sandbox.routing import Routes
from connectors.sandbox.world import AccountState, World, plain_name

Handler: TypeAlias = Callable[[Turn], Answer]
USERNAME = "editor"
_API = "/wp-json"
_WRITING = ("POST", "PUT", "PATCH")


class WordPressFace:
    """{url}/wordpress/SITE: each account is the editor of a site of its own."""

    name = "wordpress"
    text_at: tuple[str, ...] = ("content",)
    images_at: tuple[str, ...] = ("featured_media",)

    def __init__(self, world: World) -> None:
        self._world = world
        posts, library = Posts(), Library()
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "", _index),
            ("GET", "/wp/v2/users/me", _show_me),
            ("GET", "/wp/v2/posts", posts.page),
            ("POST", "/wp/v2/posts", posts.create),
            ("GET", "/wp/v2/posts/{id}", posts.show),
            *((verb, "/wp/v2/posts/{id}", posts.change) for verb in _WRITING),
            ("DELETE", "/wp/v2/posts/{id}", posts.delete),
            ("GET", "/wp/v2/media", library.page),
            ("POST", "/wp/v2/media", library.upload),
            ("GET", "/wp/v2/media/{id}", library.show),
            *((verb, "/wp/v2/media/{id}", library.change) for verb in _WRITING),
            ("DELETE", "/wp/v2/media/{id}", library.delete),
            ("GET", "/wp/v2/comments", Comments().page),
        ]
        self._routes = Routes(routes)

    def answer(self, call: Call) -> Answer:
        """Do what the site would do; a wrong password makes the caller nobody, and nothing says so."""
        name, _, rest = call.path.strip("/").partition("/")
        site = self._world.accounts.get((self.name, name))
        path = f"/{rest}".removeprefix(_API).rstrip("/")
        if site is None or not f"/{rest}".startswith(_API):
            return Answer(status=404, body=b"<h1>Not Found</h1>", headers={"content-type": "text/html"})
        found = self._routes.find(call.method, path)
        try:
            if found is None:
                raise no_route()
            return found[0](
                Turn(call=call, world=self._world, site=site, user=_user(site, call), path=found[1])
            )
        except Refused as refused:
            return refused.answer

    def open_account(self, name: str) -> AccountState:
        """A site with one editor and an application password."""
        plain = plain_name(self.name, name)
        letters = base64.b32encode(self._world.digest("wordpress", plain)).decode()
        password = " ".join(letters[start : start + 4] for start in range(0, 24, 4))
        return AccountState(
            platform=self.name,
            name=plain,
            handle=plain,
            remote_id=f"{self._world.url}/wordpress/{plain}",
            base_url=f"{self._world.url}/wordpress/{plain}",
            created_at=self._world.now(),
            secret={"username": USERNAME, "application_password": password},
            native={"entries": {}, "media": {}, "urls": {}},
        )

    def rate_limited(self, retry_after: Any) -> Answer:
        """429 as a host in front of WordPress gives it: WordPress itself has no limits."""
        headers = {"content-type": "text/html"} | (
            {} if retry_after is None else {"retry-after": str(retry_after)}
        )
        return Answer(status=429, body=b"<h1>429 Too Many Requests</h1>", headers=headers)

    def error(self) -> Answer:
        """What WordPress says when PHP has died."""
        words = "There has been a critical error on this website."
        return failure(500, "internal_server_error", words)


def _user(site: AccountState, call: Call) -> AccountState | None:
    scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return None
    name, _, password = given.partition(":")
    right = site.secret["application_password"].replace(" ", "")
    fits = hmac.compare_digest(password.replace(" ", "").encode(), right.encode())
    return site if fits and name == USERNAME and site.standing != "revoked" else None


def _index(turn: Turn) -> Answer:
    base = turn.site.base_url
    return turn.show(
        {
            "name": turn.site.name,
            "description": "",
            "url": base,
            "home": base,
            "gmt_offset": "0",
            "timezone_string": "UTC",
            "namespaces": ["wp/v2"],
            "authentication": {
                "application-passwords": {
                    "endpoints": {"authorization": f"{base}/wp-admin/authorize-application.php"}
                }
            },
            "routes": {},
        }
    )


def _show_me(turn: Turn) -> Answer:
    if turn.user is None:
        raise refuse(401, "rest_not_logged_in", "You are not currently logged in.")
    turn.arguments(())
    base, may_write = turn.site.base_url, turn.user.standing == "ok"
    shown = {
        "id": 1,
        "name": USERNAME,
        "url": "",
        "description": "",
        "link": f"{base}/author/{USERNAME}/",
        "slug": USERNAME,
        "avatar_urls": {},
        "meta": [],
    }
    rights = ("edit_posts", "publish_posts", "upload_files", "delete_published_posts", "edit_published_posts")
    private = {
        "username": USERNAME,
        "email": f"{USERNAME}@example.test",
        "locale": "en_US",
        "nickname": USERNAME,
        "roles": ["editor" if may_write else "subscriber"],
        "capabilities": {"read": True, **(dict.fromkeys(rights, True) if may_write else {})},
        "extra_capabilities": {"editor" if may_write else "subscriber": True},
        "registered_date": turn.site.created_at.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
    }
    return turn.show({**shown, **(private if turn.editing else {})})
