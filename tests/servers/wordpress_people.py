"""People of a real WordPress: users who write, readers who comment; and what its editor sees of the posts."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.servers.wordpress import WordPress


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may sign in to a site by application password."""

    id: int
    username: str
    application_password: str


def create_user(site: WordPress, role: str) -> User:
    """A new user of that role."""
    name = f"{role}-{secrets.token_hex(4)}"
    with administrator(site) as client:
        profile = {"username": name, "email": f"{name}@example.test", "password": secrets.token_hex(8)}
        user = client.post("users", json=profile | {"roles": [role]}).raise_for_status().json()
        asked = client.post(f"users/{user['id']}/application-passwords", json={"name": "Postroad"})
        password: str = asked.raise_for_status().json()["password"]
    return User(id=user["id"], username=name, application_password=password)


def comment(site: WordPress, post_id: str, status: str) -> None:
    """A comment by somebody new, brought into that status (approved, hold, spam) by the administrator."""
    words = {"post": post_id, "content": secrets.token_hex(8), "author_name": "Reader"}
    words["author_email"] = f"{secrets.token_hex(4)}@example.test"
    with administrator(site) as client:
        made = client.post("comments", json=words).raise_for_status().json()
        client.post(f"comments/{made['id']}", json={"status": status}).raise_for_status()


def list_posts(site: WordPress, author: User) -> list[dict[str, Any]]:
    """Every post of an author as an editor sees it, whatever its status but trash, its image embedded."""
    asked = {"author": f"{author.id}", "status": "any", "context": "edit", "per_page": "100"}
    asked["_embed"] = "wp:featuredmedia"
    with administrator(site) as client:
        posts: list[dict[str, Any]] = client.get("posts", params=asked).raise_for_status().json()
    assert len(posts) < 100, "there may be more"
    return posts


@contextmanager
def administrator(site: WordPress) -> Iterator[httpx.Client]:
    """The site's API below /wp/v2/ in the hands of its administrator."""
    signed = (site.username, site.application_password)
    with httpx.Client(base_url=f"{site.url}/wp-json/wp/v2/", auth=signed, timeout=30) as client:
        yield client
