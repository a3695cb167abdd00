"""The WordPress connector on a real site: the whole suite, the special cases, roles, comments, addresses."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from connectors.conformance import Desk, Place, Relay, Seen, new_key, new_mark
from connectors.contract import Account, Deleted, Outgoing
from connectors.errors import NeedsReconnect
from connectors.wordpress import connector
from tests.connectors.wordpress_cases import WordPressCases
from tests.real.pages import Page
from tests.servers.wordpress import WordPress
from tests.servers.wordpress_people import comment, create_user

pytestmark = pytest.mark.wordpress


def public_posts(site: WordPress, mark: str) -> list[Seen]:
    """The site's posts that hold the mark, read without signing in."""
    asked = {"search": mark, "per_page": "100", "_embed": "wp:featuredmedia"}
    found = httpx.get(f"{site.url}/wp-json/wp/v2/posts", params=asked, timeout=30).raise_for_status().json()
    return [_seen(post) for post in found]


def _seen(post: dict[str, Any]) -> Seen:
    title, body = Page(post["title"]["rendered"]), Page(post["content"]["rendered"])
    featured = [media["alt_text"] for media in post.get("_embedded", {}).get("wp:featuredmedia", [])]
    alts = (*featured, *body.alts)
    return Seen(
        remote_id=str(post["id"]),
        text=f"{title.text}\n\n{body.text}",
        language=next((language for language, _ in body.tongues), ""),
        media_count=len(alts),
        alts=alts,
    )


def place_of(site: WordPress, username: str, password: str) -> Place:
    return Place(
        account=Account(base_url=site.url, handle=username),
        secret={"username": username, "application_password": password},
        dead_secret={"username": username, "application_password": "nope nope nope nope nope nope"},
        look=lambda mark: public_posts(site, mark),
    )


def user_of(site: WordPress, role: str) -> Place:
    """A new user of that role with an application password."""
    user = create_user(site, role)
    return place_of(site, user.username, user.application_password)


class TestAdministrator(WordPressCases):
    """As the site's administrator, whose HTML WordPress does not filter."""

    @pytest.fixture(scope="class")
    @classmethod
    def place(cls, wordpress_site: WordPress) -> Place:
        return place_of(wordpress_site, wordpress_site.username, wordpress_site.application_password)


class TestAuthor(WordPressCases):
    """As an author, the smallest role that may publish; WordPress filters an author's HTML."""

    @pytest.fixture(scope="class")
    @classmethod
    def place(cls, wordpress_site: WordPress) -> Place:
        return user_of(wordpress_site, "author")


@pytest.fixture(scope="module")
def desk(wordpress_site: WordPress) -> Iterator[Desk]:
    with Relay(wordpress_site.url) as relay:
        yield Desk(connector, user_of(wordpress_site, "author"), relay)


@pytest.mark.parametrize("role", ["contributor", "subscriber"])
def test_a_role_that_may_not_publish_is_found_at_connect(wordpress_site: WordPress, role: str) -> None:
    with Relay(wordpress_site.url) as relay, pytest.raises(NeedsReconnect, match="publish_posts"):
        Desk(connector, user_of(wordpress_site, role), relay)


def test_the_profile_names_the_site_and_the_user(desk: Desk, wordpress_site: WordPress) -> None:
    assert desk.profile.title == "Centre"
    assert desk.profile.url == wordpress_site.url
    assert desk.profile.remote_id.startswith(wordpress_site.url.removeprefix("http://") + "#")
    assert desk.profile.handle == desk.place.account.handle


def test_only_approved_comments_are_counted(desk: Desk, wordpress_site: WordPress) -> None:
    remote_id = desk.publish(Outgoing(text=new_mark(), language="en"), new_key()).remote_id
    for status in ("approved", "approved", "hold"):
        comment(wordpress_site, remote_id, status)
    (reading,) = desk.call(lambda session: connector.fetch_metrics(session, [remote_id]))
    assert reading.values == {"comments": 2}


def test_readers_find_it_at_its_address_with_its_language(desk: Desk) -> None:
    mark = new_mark()
    published = desk.publish(Outgoing(text=f"{mark} عنوان\n\nمتن الخبر 🛰️", language="ar"), new_key())
    page = httpx.get(published.url, timeout=30).raise_for_status().text
    assert 'lang="ar" dir="rtl"' in page
    assert "<p>متن الخبر 🛰️</p>" in page
    assert desk.call(lambda session: connector.delete(session, published.remote_id)) == Deleted()
    assert httpx.get(published.url, timeout=30).status_code == 404
