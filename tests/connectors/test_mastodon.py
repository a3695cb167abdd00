"""Mastodon: the inherited suite on the sandbox's instance and on one that ignores the key."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, TypeVar

import httpx
import pytest
from PIL import Image

from connectors.capabilities import Idempotency, TextUnit
from connectors.conformance import Answer, ConnectorConformance, Desk, Place, Relay, new_key, new_mark
from connectors.conformance.desk import Act
from connectors.contract import Absent, Account, Found, Outgoing, Probe, Session, Staged
from connectors.errors import NeedsReconnect, OutcomeUnknown, PlatformChanged, RateLimited, Rejected
from connectors.http import Http
from connectors.mastodon import connector
from connectors.mastodon.instance import honours_key, limits_of
from connectors.mastodon.statuses import language_code, plain_text
from connectors.sandbox import SandboxServer
from tests.connectors.places import sandbox_place

T = TypeVar("T")


class TestConformance(ConnectorConformance):
    connector = connector
    platform = "mastodon"

    @pytest.fixture(scope="class")
    @classmethod
    def place(cls, sandbox: SandboxServer) -> Place:
        return sandbox_place(sandbox, cls.platform, "pekingnews-ar", dead={"access_token": "revoked"})

    def too_many_requests(self, wait_s: int | None) -> Answer:
        headers = {}
        if wait_s is not None:
            reset = datetime.now(UTC) + timedelta(seconds=min(wait_s, 10**10))
            headers = {"X-RateLimit-Reset": reset.isoformat()}
        return Answer(status=429, body=b'{"error": "Too many requests"}', headers=headers)


class TestConformanceWithoutKeys(TestConformance):
    platform = "gotosocial"


@pytest.fixture(scope="module", params=["mastodon", "gotosocial"])
def desk(request: pytest.FixtureRequest, sandbox: SandboxServer) -> Iterator[Desk]:
    """A channel on each kind of server."""
    place = sandbox_place(sandbox, request.param, "desk")
    with Relay(place.account.base_url) as relay:
        yield Desk(connector, place, relay)


MASTODON = {"version": "4.7.0", "source_url": "https://github.com/mastodon/mastodon"}


class TestServers:
    """Who honours the key, and what each allows."""

    @pytest.mark.parametrize(
        ("version", "source_url", "honours"),
        [
            ("4.7.0", "https://github.com/mastodon/mastodon", True),
            ("4.5.2+glitch", "https://github.com/glitch-soc/mastodon", True),
            ("3.5.19", "", True),
            ("0.20.2+git", "https://codeberg.org/superseriousbusiness/gotosocial", False),
            ("3.5.3+0.20.2-git", "https://codeberg.org/superseriousbusiness/gotosocial", False),
            ("takahe/0.11.0", "", False),
            ("2.7.2 (compatible; Akkoma 3.15.0)", "", False),
            ("3.5.3 (compatible; Pixelfed 0.12.5)", "", False),
            ("", "", False),
        ],
    )
    def test_only_known_servers_are_trusted_with_a_key(
        self, version: str, source_url: str, honours: bool
    ) -> None:
        assert honours_key({"version": version, "source_url": source_url}) is honours

    def test_limits_are_the_servers_own(self, desk: Desk) -> None:
        limits, sheet = desk.account.limits, connector.capabilities
        if desk.place.account.base_url.endswith("gotosocial"):
            assert limits["max_characters"] == 5000
            assert limits["characters_reserved_per_url"] == 25
            assert sheet.protection(limits) is Idempotency.LISTING
        else:
            assert limits["max_characters"] == 500
            assert sheet.protection(limits) is Idempotency.KEY
        assert limits["max_media_attachments"] == 4
        assert limits["image_size_limit"] == 16_777_216

    @pytest.mark.parametrize(
        "told", [{}, {"configuration": None}, {"configuration": {"statuses": {"max_characters": "9"}}}]
    )
    def test_what_is_not_told_leaves_the_default(self, told: dict[str, Any]) -> None:
        assert limits_of(MASTODON | told) == {}

    def test_the_account_is_named_with_its_server(self, desk: Desk) -> None:
        assert desk.profile.handle == desk.place.account.handle
        assert desk.profile.title == "desk"

    def test_an_older_server_describes_itself_at_the_older_address(self) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path == "/api/v2/instance":
                return httpx.Response(404, json={"error": "Not Found"})
            if request.url.path == "/api/v1/instance":
                statuses = {"max_characters": 640}
                return httpx.Response(
                    200,
                    json={"uri": "old.example", "version": "3.5.3", "configuration": {"statuses": statuses}},
                )
            return httpx.Response(200, json={"id": "7", "username": "centre"})

        profile = asyncio.run(mocked(answer, connector.check))
        assert profile.handle == "@centre@old.example"
        assert profile.limits == {"max_characters": 640}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("新闻", 2),
        ("👩‍👩‍👧‍👦e\u0301", 2),
        ("https://example.org/a-very-long-path-that-counts-as-twenty-three", 23),
        ("看https://example.org/新闻，好", 1 + 23 + 2),
        ("https://localhost/long-path-of-a-host-without-a-dot", 51),
        ("@someone@example.org 好", len("@someone 好")),
        ("@someone 好", len("@someone 好")),
        ("你好@someone@example.org", len("你好@someone@example.org")),
    ],
)
def test_mastodon_counts_graphemes_with_short_addresses_and_names(text: str, count: int) -> None:
    assert connector.measure(Outgoing(text=text, language="zh"), {})[0].count == count


def test_gotosocial_counts_code_points_as_they_are() -> None:
    text = "👩‍👩‍👧‍👦 https://example.org/a-very-long-path-that-counts-in-full @someone@example.org"
    (measure,) = connector.measure(Outgoing(text=text, language="en"), {"counts_code_points": 1})
    assert (measure.count, measure.unit) == (len(text), TextUnit.CODE_POINTS)


def test_the_longest_alt_text_is_measured() -> None:
    images = tuple(TestConformance().image("字" * length) for length in (3, 1501, 2))
    text, alt = connector.measure(Outgoing(text="x", language="zh", media=images), {})
    assert (text.fits, alt.field, alt.count, alt.fits) == (True, "alt", 1501, False)


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("ar", "ar"),
        ("ar-EG", "ar"),
        ("zh-CN", "zh-CN"),
        ("zh-Hant-TW", "zh"),
        ("PT-br", "pt"),
        ("en-GB", "en"),
    ],
)
def test_a_language_becomes_what_mastodon_keeps(tag: str, code: str) -> None:
    assert language_code(tag) == code


HTML = {
    "<p>新闻</p>": "新闻",
    "<p>Erste Zeile<br />zweite &amp; dritte</p><p>Ende</p>": "Erste Zeile\nzweite & dritte\n\nEnde",
    (
        '<p>看 <a href="https://example.org/a/long/path" rel="nofollow noopener">'
        '<span class="invisible">https://</span><span class="ellipsis">example.org/a/long</span>'
        '<span class="invisible">/path</span></a></p>'
    ): "看 https://example.org/a/long/path",
    (
        '<p><span class="h-card"><a href="https://example.org/@someone" class="u-url mention">'
        '@<span>someone</span></a></span> <a href="https://m.example/tags/x" class="mention hashtag">'
        "#<span>北京</span></a></p>"
    ): "@someone #北京",
    "": "",
}


@pytest.mark.parametrize("content", HTML)
def test_the_words_of_a_status(content: str) -> None:
    assert plain_text(content) == HTML[content]


TRICKY = [
    "Zeile eins\nZeile zwei\n\n\nAbsatz  mit   Lücken ",
    "<b>kein HTML</b> & \"Zitat\" 'einfach' &amp;",
    "看 https://example.org/a?b=1&c=2#d 和 https://example.org/" + "long/" * 12,
    "#北京 #مصر @someone@example.org",
    "e\u0301 und é",
    "👩‍👩‍👧‍👦 \u200fمرحبا\u200f \u200bnull",
]


class TestFinding:
    """A status of ours is known by its words and its number of images."""

    @pytest.mark.parametrize("text", TRICKY)
    def test_words_survive_the_way_through_html(self, desk: Desk, text: str) -> None:
        since = datetime.now(UTC)
        outgoing, key = (
            Outgoing(text=f"{new_mark()} {text}", language="de", link="https://example.org/l"),
            new_key(),
        )
        published = desk.publish(outgoing, key)
        finding = desk.find(Probe(outgoing=outgoing, key=key, staged=Staged(), since=since))
        assert isinstance(finding, Found)
        assert finding.published.remote_id == published.remote_id

    def test_other_words_images_or_times_are_not_ours(self, desk: Desk) -> None:
        outgoing, key = Outgoing(text=new_mark(), language="de"), new_key()
        desk.publish(outgoing, key)
        now = datetime.now(UTC)
        image = TestConformance().image("x")
        for other, since in (
            (replace(outgoing, text=f"{outgoing.text}!"), now),
            (replace(outgoing, media=(image,)), now),
            (outgoing, now + timedelta(minutes=10)),
        ):
            finding = desk.find(Probe(outgoing=other, key=key, staged=Staged(), since=since))
            assert isinstance(finding, Absent)
            assert not finding.proof

    def test_the_listing_is_read_to_the_beginning_of_the_search(self, desk: Desk) -> None:
        since, key = datetime.now(UTC), new_key()
        outgoing = Outgoing(text=new_mark(), language="de")
        published = desk.publish(outgoing, key)
        for _ in range(45):
            desk.publish(Outgoing(text=new_mark(), language="de"), new_key())
        finding = desk.find(Probe(outgoing=outgoing, key=key, staged=Staged(), since=since))
        assert isinstance(finding, Found)
        assert finding.published.remote_id == published.remote_id


def test_an_image_is_waited_for(sandbox: SandboxServer, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.mastodon.attachments.PAUSE_S", 0.01)
    content = BytesIO()
    Image.effect_noise((700, 700), 90).save(content, "PNG")
    assert len(content.getvalue()) > 256 * 1024
    slow = replace(TestConformance().image("langsam"), content=content.getvalue(), mime_type="image/png")
    mark = new_mark()
    outgoing = Outgoing(text=mark, language="de", media=(slow,))
    before = len(desk.relay.requests)
    desk.publish(outgoing, new_key())
    looks = [path for _, path in desk.relay.requests[before:] if "/api/v1/media/" in path]
    assert len(looks) == 2
    assert desk.seen(mark)[0].alts == ("langsam",)


def test_an_edit_may_bring_an_image(desk: Desk) -> None:
    published = desk.publish(Outgoing(text=new_mark(), language="en"), new_key())
    mark = new_mark()
    new = Outgoing(text=mark, language="en", media=(TestConformance().image("صورة"),))
    desk.call(lambda session: connector.edit(session, published.remote_id, new))
    assert desk.seen(mark)[0].alts == ("صورة",)


def test_an_edit_of_what_is_gone_is_refused(desk: Desk) -> None:
    published = desk.publish(Outgoing(text=new_mark(), language="en"), new_key())
    desk.call(lambda session: connector.delete(session, published.remote_id))
    new = Outgoing(text="again", language="en")
    with pytest.raises(Rejected):
        desk.call(lambda session: connector.edit(session, published.remote_id, new))


def test_an_image_the_server_has_dropped_is_uploaded_again(desk: Desk) -> None:
    mark = new_mark()
    outgoing = Outgoing(text=mark, language="de", media=(TestConformance().image("neu"),))
    vanished = Staged(handle={"uploaded:0": "404"})
    again = desk.call(lambda session: connector.stage(session, outgoing, new_key(), vanished))
    assert again == Staged()
    desk.publish(outgoing, new_key())
    assert desk.seen(mark)[0].media_count == 1


@pytest.mark.parametrize(
    ("outgoing", "field"),
    [
        (Outgoing(text="长" * 5001, language="zh"), "text"),
        (Outgoing(text=" ", language="zh"), "text"),
        (Outgoing(text="x", language="zh", media=(TestConformance().image("字" * 1501),)), "media"),
        (Outgoing(text="x", language="zh", media=(TestConformance().image("x"),) * 5), "media"),
        (Outgoing(text="x", language="!"), "language"),
    ],
)
def test_a_refusal_names_our_field(desk: Desk, outgoing: Outgoing, field: str) -> None:
    with pytest.raises(Rejected) as refused:
        desk.publish(outgoing, new_key())
    assert refused.value.field == field
    assert refused.value.evidence.words


def test_details_name_the_field_better_than_words() -> None:
    body = {
        "error": "Validation failed",
        "details": {"language": [{"error": "ERR_INVALID", "description": "is not"}]},
    }
    outgoing, key = Outgoing(text="x", language="zz"), new_key()
    with pytest.raises(Rejected) as refused:
        asyncio.run(
            mocked(
                lambda _: httpx.Response(422, json=body),
                lambda session: connector.publish(session, outgoing, key, Staged()),
            )
        )
    assert refused.value.field == "language"


def test_a_token_without_the_right_needs_a_person(sandbox: SandboxServer) -> None:
    place = sandbox_place(sandbox, "mastodon", "reader")
    with Relay(place.account.base_url) as relay:
        desk = Desk(connector, place, relay)
        sandbox.control.set_standing("mastodon", place.account.handle, "read_only")
        with pytest.raises(NeedsReconnect):
            desk.publish(Outgoing(text="x", language="en"), new_key())


def test_a_page_that_is_not_found_says_nothing_of_the_status() -> None:
    """As a proxy's, while the server is put in another place: what is live there must not be called gone."""

    def no_page(_: httpx.Request) -> httpx.Response:
        return httpx.Response(404, html="<h1>404 Not Found</h1>")

    with pytest.raises(OutcomeUnknown):
        asyncio.run(mocked(no_page, lambda session: connector.delete(session, "1")))
    with pytest.raises(PlatformChanged):
        asyncio.run(mocked(no_page, lambda session: connector.read_back(session, "1")))
    (reading,) = asyncio.run(mocked(no_page, lambda session: connector.fetch_metrics(session, ["1"])))
    assert not reading.gone


class TestReadings:
    """Values, reasons and absence are three things."""

    def test_counters_are_the_truth(self, sandbox: SandboxServer, desk: Desk) -> None:
        published = desk.publish(Outgoing(text=new_mark(), language="en"), new_key())
        for kind, count in {"like": 5, "repost": 2, "quote": 1, "reply": 3}.items():
            sandbox.control.add_reaction(published.remote_id, kind, count)
        (reading,) = desk.call(lambda session: connector.fetch_metrics(session, [published.remote_id]))
        assert reading.values == sandbox.control.truth(published.remote_id)

    @pytest.mark.parametrize("quotes", [{}, {"quotes_count": None}])
    def test_quotes_are_missing_where_they_are_not_counted(self, quotes: dict[str, None]) -> None:
        status = {"id": "1", "favourites_count": 3, "reblogs_count": 0, "replies_count": 0, **quotes}
        (reading,) = asyncio.run(
            mocked(
                lambda _: httpx.Response(200, json=status),
                lambda session: connector.fetch_metrics(session, ["1"]),
            )
        )
        assert reading.values == {"favourites_count": 3, "reblogs_count": 0, "replies_count": 0}
        assert reading.missing == {"quotes_count": "this server does not count it"}

    def test_one_failure_spoils_one_reading(self) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            counts = {"favourites_count": 1, "reblogs_count": 1, "replies_count": 1, "quotes_count": 1}
            return (
                httpx.Response(500) if request.url.path.endswith("/2") else httpx.Response(200, json=counts)
            )

        readings = asyncio.run(
            mocked(answer, lambda session: connector.fetch_metrics(session, ["1", "2", "3"]))
        )
        assert [len(reading.values) for reading in readings] == [4, 0, 4]
        assert set(readings[1].missing.values()) == {"HTTP 500"}

    def test_a_flood_stops_the_reading(self) -> None:
        with pytest.raises(RateLimited):
            asyncio.run(
                mocked(
                    lambda _: httpx.Response(429, json={"error": "Too many requests"}),
                    lambda session: connector.fetch_metrics(session, ["1", "2"]),
                )
            )

    def test_followers(self, sandbox: SandboxServer, desk: Desk) -> None:
        platform = desk.place.account.base_url.rpartition("/")[2]
        sandbox.control.add_followers(platform, desk.account.handle, 7)
        followers = sandbox.control.followers(platform, desk.account.handle)
        assert desk.call(connector.fetch_audience).values == {"followers_count": followers}


async def mocked(answer: Callable[[httpx.Request], httpx.Response], act: Act[T]) -> T:
    """Do it against an answer made up for every request."""
    async with Http(transport=httpx.MockTransport(answer)) as http:
        account = Account(base_url="https://m.example", handle="centre", remote_id="7")
        return await act(
            Session(account=account, secret={"access_token": "t"}, http=http, now=lambda: datetime.now(UTC))
        )
