"""What is special about WordPress, tried in the same words on the sandbox and on a real site."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from typing import Any, ClassVar

import httpx
import pytest

from connectors.conformance import ConnectorConformance, Desk, Place, new_key, new_mark
from connectors.contract import CannotTell, Connector, Key, Outgoing, Probe, Staged
from connectors.errors import PlatformChanged, Rejected
from connectors.wordpress import connector
from connectors.wordpress.content import slug_of


class WordPressCases(ConnectorConformance):
    """The inherited suite and the special cases; a subclass gives the place."""

    connector: ClassVar[Connector] = connector

    @pytest.fixture
    def site(self, place: Place) -> Iterator[httpx.Client]:
        """The site's API in the hands of its own editor, not of the connector."""
        signed = place.secret["username"], place.secret["application_password"]
        with httpx.Client(base_url=f"{place.account.base_url}/wp-json/wp/v2/", auth=signed) as client:
            yield client

    def test_staging_again_after_a_crash_finds_the_same_draft_and_images(
        self, desk: Desk, site: httpx.Client
    ) -> None:
        outgoing, key = self.post(new_mark(), images=2), new_key()
        first, second = (desk.stage(outgoing, key) for _ in range(2))
        assert first == second
        assert [post["status"] for post in posts(site, key)] == ["draft"]

    def test_each_step_is_stored_before_the_next_uses_it(self, desk: Desk) -> None:
        outgoing, key, staged, steps = self.post(new_mark(), images=2), new_key(), Staged(), []
        while not staged.complete:
            staged = stage_once(desk, outgoing, key, staged)
            steps.append(sorted(staged.handle))
        assert steps == [["image0"], ["image0", "image1"], ["image0", "image1", "post"]]

    def test_a_slug_that_another_post_holds_is_refused_without_a_trace(
        self, desk: Desk, site: httpx.Client
    ) -> None:
        key = new_key()
        created(site, title="Other", content="<p>not ours</p>", slug=slug_of(key), status="publish")
        with pytest.raises(Rejected) as refusal:
            desk.stage(self.post(new_mark()), key)
        assert refusal.value.field == "post"
        assert [post["title"]["raw"] for post in posts(site, key)] == ["Other"]
        assert posts(site, key, suffix="-2") == []

    def test_what_goes_live_is_what_was_approved_not_what_became_of_the_draft(
        self, desk: Desk, site: httpx.Client
    ) -> None:
        outgoing, key = self.post(new_mark()), new_key()
        staged = desk.stage(outgoing, key)
        change(site, staged.handle["post"], title="slipped in", content="<p>slipped in</p>")
        desk.release(outgoing, key, staged)
        assert len(desk.seen(outgoing.text)) == 1
        assert desk.seen("slipped in") == []

    def test_releasing_again_leaves_a_later_correction_alone(self, desk: Desk, site: httpx.Client) -> None:
        outgoing, key = self.post(new_mark()), new_key()
        staged = desk.stage(outgoing, key)
        published = desk.release(outgoing, key, staged)
        change(site, published.remote_id, title=f"{outgoing.text} corrected")
        assert desk.release(outgoing, key, staged).remote_id == published.remote_id
        assert len(desk.seen(f"{outgoing.text} corrected")) == 1

    @pytest.mark.parametrize("how", ["trashed", "deleted"])
    def test_a_draft_thrown_away_in_wordpress_stays_away(
        self, desk: Desk, site: httpx.Client, how: str
    ) -> None:
        outgoing, key = self.post(new_mark()), new_key()
        staged = desk.stage(outgoing, key)
        force = {"force": "true"} if how == "deleted" else {}
        site.delete(f"posts/{staged.handle['post']}", params=force).raise_for_status()
        with pytest.raises(Rejected, match="thrown away"):
            desk.release(outgoing, key, staged)
        probe = Probe(outgoing=outgoing, key=key, staged=staged, since=datetime.now(UTC))
        assert isinstance(desk.find(probe), CannotTell)
        assert desk.seen(outgoing.text) == []

    def test_text_that_looks_like_markup_arrives_as_it_is(self, desk: Desk) -> None:
        mark = new_mark()
        words = f'{mark} 5 < 6 & "so" <script>alert(1)</script> [gallery ids="1"]'
        desk.publish(Outgoing(text=f"{mark} <i>title</i> &amp;\n\n{words}", language="en"), new_key())
        seen = desk.seen(mark)[0].text
        assert f"{mark} <i>title</i> &amp;" in seen
        assert words in seen

    def test_lines_paragraphs_and_addresses_keep_their_shape(self, desk: Desk, site: httpx.Client) -> None:
        text = f"{new_mark()}\n\nOne\ntwo\n\nSee https://example.org/a?b=1&c=2."
        outgoing = Outgoing(text=text, language="en", link="https://example.org/more")
        html = rendered(site, desk.publish(outgoing, new_key()).remote_id)
        assert re.search(r"<p>One<br />\s*two</p>", html)
        assert re.search(r'href="https://example.org/a\?b=1&(amp;|#038;)c=2"', html)
        assert '<p><a href="https://example.org/more">https://example.org/more</a></p>' in html

    @pytest.mark.parametrize(("language", "direction"), [("ar-EG", "rtl"), ("zh-Hans-CN", "ltr")])
    def test_the_text_says_its_language_and_direction(
        self, desk: Desk, site: httpx.Client, language: str, direction: str
    ) -> None:
        published = desk.publish(Outgoing(text=new_mark(), language=language), new_key())
        assert f'lang="{language}" dir="{direction}"' in rendered(site, published.remote_id)

    def test_the_first_image_is_featured_and_the_others_follow_the_text(
        self, desk: Desk, site: httpx.Client
    ) -> None:
        alt = 'علم "الصين" <كبير>'
        published = desk.publish(self.post(new_mark(), images=3, alt=alt), new_key())
        post = site.get(f"posts/{published.remote_id}").raise_for_status().json()
        featured = site.get(f"media/{post['featured_media']}").raise_for_status().json()
        assert unescape(featured["alt_text"]) == alt
        assert post["content"]["rendered"].count("<figure") == 2
        assert featured["source_url"] not in post["content"]["rendered"]

    def test_an_edit_brings_new_images_and_keeps_the_address(self, desk: Desk) -> None:
        mark = new_mark()
        old = desk.publish(self.post(f"{mark} old", images=1), new_key())
        outgoing = self.post(f"{mark} new", images=2)
        new = desk.call(lambda session: connector.edit(session, old.remote_id, outgoing))
        again = desk.call(lambda session: connector.edit(session, old.remote_id, outgoing))
        assert (old.remote_id, old.url) == (new.remote_id, new.url) == (again.remote_id, again.url)
        assert [seen.media_count for seen in desk.seen(mark)] == [2]

    def test_a_post_that_is_gone_cannot_be_edited(self, desk: Desk) -> None:
        remote_id = desk.publish(self.post(new_mark()), new_key()).remote_id
        desk.call(lambda session: connector.delete(session, remote_id))
        with pytest.raises(Rejected, match="no longer exists"):
            desk.call(lambda session: connector.edit(session, remote_id, self.post(new_mark())))

    def test_a_wrong_address_is_named(self, desk: Desk) -> None:
        elsewhere = replace(desk.account, base_url=f"{desk.account.base_url}/nowhere")
        with pytest.raises(PlatformChanged, match="address"):
            desk.call_as(elsewhere, desk.secret, connector.check)


def stage_once(desk: Desk, outgoing: Outgoing, key: Key, staged: Staged) -> Staged:
    return desk.call(lambda session: connector.stage(session, outgoing, key, staged))


def posts(site: httpx.Client, key: Key, *, suffix: str = "") -> list[dict[str, Any]]:
    asked = {"slug": slug_of(key) + suffix, "status": "any", "context": "edit"}
    found: list[dict[str, Any]] = site.get("posts", params=asked).raise_for_status().json()
    return found


def created(site: httpx.Client, **fields: str) -> dict[str, Any]:
    post: dict[str, Any] = site.post("posts", json=fields).raise_for_status().json()
    return post


def change(site: httpx.Client, post_id: str, **fields: str) -> None:
    site.post(f"posts/{post_id}", json=fields).raise_for_status()


def rendered(site: httpx.Client, post_id: str) -> str:
    return str(site.get(f"posts/{post_id}").raise_for_status().json()["content"]["rendered"])
