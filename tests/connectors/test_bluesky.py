"""Bluesky: the inherited suite on the sandbox's face, and what is Bluesky's own."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis.strategies import integers

from connectors.bluesky import connector
from connectors.bluesky.facets import facets
from connectors.bluesky.records import POST, record_key, rkey_of
from connectors.bluesky.sessions import expiry
from connectors.conformance import Answer, ConnectorConformance, Desk, Place, Relay, new_key
from connectors.conformance.faults import instead
from connectors.contract import Key, Outgoing, Published, Staged
from connectors.errors import NeedsReconnect, NeedsRefresh, NotSent, Rejected
from connectors.sandbox import SandboxServer
from tests.connectors.places import sandbox_place


class TestConformance(ConnectorConformance):
    connector = connector

    @pytest.fixture(scope="class")
    @classmethod
    def place(cls, sandbox: SandboxServer) -> Place:
        return sandbox_place(sandbox, "bluesky", "pekingnews-ar", dead={"password": "aaaa-bbbb-cccc-dddd"})

    def too_many_requests(self, wait_s: int | None) -> Answer:
        headers = {} if wait_s is None else {"retry-after": str(wait_s)}
        return Answer(status=429, body=b'{"error": "RateLimitExceeded"}', headers=headers)


@pytest.fixture(scope="module")
def desk(sandbox: SandboxServer) -> Iterator[Desk]:
    place = sandbox_place(sandbox, "bluesky", "desk")
    with Relay(place.account.base_url) as relay:
        yield Desk(connector, place, relay)


def live_record(desk: Desk, published: Published) -> dict[str, Any]:
    asked = {"repo": desk.account.remote_id, "collection": POST, "rkey": rkey_of(published.remote_id)}
    answer = httpx.get(f"{desk.place.account.base_url}/xrpc/com.atproto.repo.getRecord", params=asked)
    value: dict[str, Any] = answer.raise_for_status().json()["value"]
    return value


TID = re.compile("[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
KEY_AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class TestRecordKey:
    """A TID that depends on the key alone."""

    @pytest.mark.parametrize(
        ("at", "value", "tid"),
        [
            (datetime(1970, 1, 1, tzinfo=UTC), 0, "2222222222222"),
            (datetime(1970, 1, 1, tzinfo=UTC), 1, "2222222222322"),
            (datetime(1970, 1, 1, tzinfo=UTC), 1_000_000, "2222222222223"),
            (datetime(1970, 1, 1, tzinfo=UTC), 1_023 * 1_000_000 + 999_999, "2222222yklzzz"),
            (datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), 0, "2222222ykm222"),
            (KEY_AT, 0, "3n2vatvvt2222"),
            (KEY_AT, 2**256 - 1, "3n2vatwjdxzpd"),
        ],
    )
    def test_vectors(self, at: datetime, value: int, tid: str) -> None:
        assert record_key(Key(value=f"{value:064x}", at=at)) == tid

    @given(value=integers(0, 2**256 - 1), second=integers(0, 4_000_000_000))
    def test_every_key_gives_a_valid_tid_in_the_order_of_time(self, value: int, second: int) -> None:
        at = datetime.fromtimestamp(second, UTC)
        tid = record_key(Key(value=f"{value:064x}", at=at))
        assert TID.fullmatch(tid)
        assert tid < record_key(Key(value="0" * 64, at=at + timedelta(seconds=1)))

    def test_the_second_is_what_counts_of_the_instant(self) -> None:
        late = Key(value="a" * 64, at=KEY_AT.replace(microsecond=999_999))
        assert record_key(late) == record_key(Key(value="a" * 64, at=KEY_AT))


DIDS = {"pekingnews.test": "did:plc:peking", "qahira.example.eg": "did:plc:qahira"}
FACETS = {
    "新华 https://example.org/新闻 看": [("link", 7, 33, "https://example.org/新闻")],
    "关注@pekingnews.test，今天": [("mention", 6, 22, "did:plc:peking")],
    "مرحبا @Qahira.Example.EG #مصر": [("mention", 11, 29, "did:plc:qahira"), ("tag", 30, 37, "مصر")],
    "👩‍👩‍👧‍👦 #北京2026，好": [("tag", 26, 37, "北京2026")],
    "（#话题）＃全角 #2026 #a_b": [("tag", 3, 10, "话题"), ("tag", 13, 22, "全角"), ("tag", 29, 33, "a_b")],
    "mail me@pekingnews.test or a/@pekingnews.test": [],
    "@nobody.test is plain": [],
    "https://example.org/#tag @pekingnews.test.": [
        ("link", 0, 24, "https://example.org/#tag"),
        ("mention", 25, 41, "did:plc:peking"),
    ],
    "https://example.org/@pekingnews.test": [("link", 0, 36, "https://example.org/@pekingnews.test")],
    "今天#北京 &#39; C#": [],
    f"#{'长' * 64} #{'长' * 65}": [("tag", 0, 193, "长" * 64)],
}


@pytest.mark.parametrize("text", FACETS)
def test_facets_count_bytes(text: str) -> None:
    made = [
        (
            facet["features"][0]["$type"].partition("#")[2],
            facet["index"]["byteStart"],
            facet["index"]["byteEnd"],
            next(value for name, value in facet["features"][0].items() if name != "$type"),
        )
        for facet in facets(text, DIDS)
    ]
    assert made == FACETS[text]


def test_a_mention_is_looked_up_once_and_an_unknown_one_stays_text(
    sandbox: SandboxServer, desk: Desk
) -> None:
    friend = sandbox.control.create_account("bluesky", "friend")
    outgoing = Outgoing(text=f"@{friend.handle} @{friend.handle} @stranger.test", language="en")
    before = len(desk.relay.requests)
    record = live_record(desk, desk.publish(outgoing, new_key()))
    paths = [path.partition("?")[0] for _, path in desk.relay.requests[before:]]
    assert sum("resolveHandle" in path for path in paths) == 2
    dids = [facet["features"][0]["did"] for facet in record["facets"]]
    assert dids == [friend.remote_id] * 2


def test_a_link_becomes_a_card_of_the_first_line_and_the_host(desk: Desk) -> None:
    outgoing = Outgoing(text="标题\n正文", language="zh-CN", link="https://www.example.org/a?b=1")
    record = live_record(desk, desk.publish(outgoing, new_key()))
    assert record["text"] == "标题\n正文"
    assert record["langs"] == ["zh-CN"]
    assert record["embed"] == {
        "$type": "app.bsky.embed.external",
        "external": {
            "uri": "https://www.example.org/a?b=1",
            "title": "标题",
            "description": "www.example.org",
        },
    }


def test_with_images_the_link_is_in_the_text_and_counts(desk: Desk) -> None:
    image = TestConformance().image("صورة")
    outgoing = Outgoing(text="خبر", language="ar", link="https://example.org/1", media=(image,))
    record = live_record(desk, desk.publish(outgoing, new_key()))
    assert record["text"] == "خبر\n\nhttps://example.org/1"
    assert record["facets"][0]["features"][0]["uri"] == "https://example.org/1"
    (shown,) = record["embed"]["images"]
    assert (shown["alt"], shown["aspectRatio"]) == ("صورة", {"width": 64, "height": 48})
    assert connector.measure(outgoing, {})[0].count == len("خبر\n\nhttps://example.org/1")
    assert connector.measure(replace(outgoing, media=()), {})[0].count == len("خبر")


def test_a_repeat_writes_the_same_bytes(sandbox: SandboxServer, desk: Desk) -> None:
    image = TestConformance().image("x")
    outgoing, key = Outgoing(text="same", language="en", media=(image,)), new_key()
    staged = desk.stage(outgoing, key)
    since = len(sandbox.control.log())
    for _ in range(2):
        desk.release(outgoing, key, staged)
    assert [entry.effect for entry in sandbox.control.log(since)] == ["create", "repeat"]


@pytest.mark.parametrize(
    ("outgoing", "field"),
    [
        (Outgoing(text="长" * 301, language="zh"), "text"),
        (Outgoing(text="x", language="no language"), "language"),
        (Outgoing(text="x", language="en", media=(TestConformance().image("x"),) * 5), "media"),
        (Outgoing(text="x", language="en", link="not an address"), "media"),
    ],
)
def test_a_refusal_names_our_field(desk: Desk, outgoing: Outgoing, field: str) -> None:
    with pytest.raises(Rejected) as refused:
        desk.publish(outgoing, new_key())
    assert refused.value.field == field
    assert refused.value.evidence.code == "InvalidRequest"


class TestCredentials:
    """Access for two hours, renewed by the refresh token, at last by the password."""

    def test_an_access_token_lapses_and_is_renewed(self, sandbox: SandboxServer) -> None:
        now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
        sandbox.control.set_clock(now)
        place = sandbox_place(sandbox, "bluesky", "lapsing")
        with Relay(place.account.base_url) as relay:
            desk = Desk(connector, place, relay)
            assert desk.profile.renewed is not None
            assert desk.profile.renewed.expires_at == now + timedelta(hours=2)
            sandbox.control.set_clock(now + timedelta(hours=3))
            with pytest.raises(NeedsRefresh):
                desk.call_as(desk.account, desk.secret, connector.fetch_audience)
            without_password = {**desk.secret, "password": ""}
            renewed = desk.call_as(desk.account, without_password, connector.refresh_credentials)
            assert renewed.expires_at == now + timedelta(hours=5)
            assert renewed.secret["password"] == ""
            sandbox.control.set_clock(now + timedelta(days=100))
            with pytest.raises(NeedsReconnect):
                desk.call_as(desk.account, without_password, connector.refresh_credentials)
            again = desk.call_as(desk.account, desk.secret, connector.refresh_credentials)
            assert again.secret.keys() == {"identifier", "password", "access_jwt", "refresh_jwt"}
        sandbox.control.set_clock(None)

    def test_without_a_session_publishing_asks_for_one(self, desk: Desk) -> None:
        outgoing, key = Outgoing(text="x", language="en"), new_key()
        with pytest.raises(NeedsRefresh):
            desk.call_as(
                desk.account,
                desk.place.secret,
                lambda session: connector.publish(session, outgoing, key, Staged()),
            )

    @pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "a.e30.c", "a.eyJleHAiOiJ4In0.c", "a.bnVsbA.c"])
    def test_a_token_that_does_not_say_when_it_lapses(self, token: str) -> None:
        assert expiry(token) is None

    def test_a_deactivated_account_needs_a_person(self, sandbox: SandboxServer) -> None:
        place = sandbox_place(sandbox, "bluesky", "sleeping")
        with Relay(place.account.base_url) as relay:
            desk = Desk(connector, place, relay)
            sandbox.control.set_standing("bluesky", "sleeping.test", "read_only")
            with pytest.raises(NeedsReconnect):
                desk.publish(Outgoing(text="x", language="en"), new_key())


class TestReadings:
    """Values, reasons and absence are three things."""

    def test_counters_are_the_truth(self, sandbox: SandboxServer, desk: Desk) -> None:
        published = desk.publish(Outgoing(text="count me", language="en"), new_key())
        for kind, count in {"like": 5, "repost": 2, "quote": 1, "reply": 3}.items():
            sandbox.control.add_reaction(published.remote_id, kind, count)
        (reading,) = desk.call(lambda session: connector.fetch_metrics(session, [published.remote_id]))
        assert reading.values == sandbox.control.truth(published.remote_id)
        assert reading.missing == {}

    def test_what_the_appview_does_not_show_is_missing_not_gone(self, desk: Desk) -> None:
        published = desk.publish(Outgoing(text="slow", language="en"), new_key())

        def hide(forward: Callable[[], Answer]) -> Answer:
            answer = forward()
            return Answer(status=200, body=b'{"posts": []}') if b'"posts"' in answer.body else answer

        with desk.relay.breaking(hide, reads=True):
            (reading,) = desk.call(lambda session: connector.fetch_metrics(session, [published.remote_id]))
        assert not reading.gone
        assert reading.values == {}
        assert set(reading.missing.values()) == {"the post exists, but the AppView does not show it (yet)"}

    def test_a_counter_that_is_not_told_is_missing_not_zero(self, desk: Desk) -> None:
        published = desk.publish(Outgoing(text="few", language="en"), new_key())
        body = json.dumps({"posts": [{"uri": published.remote_id, "likeCount": 4, "replyCount": None}]})
        with desk.relay.breaking(instead(Answer(status=200, body=body.encode())), reads=True):
            (reading,) = desk.call(lambda session: connector.fetch_metrics(session, [published.remote_id]))
        assert reading.values == {"likeCount": 4}
        assert reading.missing.keys() == {"repostCount", "quoteCount", "replyCount", "bookmarkCount"}

    def test_followers(self, sandbox: SandboxServer, desk: Desk) -> None:
        before = sandbox.control.followers("bluesky", "desk.test")
        sandbox.control.add_followers("bluesky", "desk.test", 7)
        assert desk.call(connector.fetch_audience).values == {"followersCount": before + 7}


def test_an_edit_of_what_is_gone_is_refused(desk: Desk) -> None:
    published = desk.publish(Outgoing(text="short-lived", language="en"), new_key())
    desk.call(lambda session: connector.delete(session, published.remote_id))
    new = Outgoing(text="back again", language="en")
    with pytest.raises(Rejected):
        desk.call(lambda session: connector.edit(session, published.remote_id, new))
    assert desk.seen("back again") == []


def test_a_page_address_is_for_people(desk: Desk) -> None:
    published = desk.publish(Outgoing(text="where", language="en"), new_key())
    rkey = rkey_of(published.remote_id)
    assert published.url == f"https://bsky.app/profile/desk.test/post/{rkey}"


def test_an_edit_may_bring_an_image(desk: Desk) -> None:
    published = desk.publish(Outgoing(text="plain", language="en"), new_key())
    new = Outgoing(text="pictured", language="en", media=(TestConformance().image("صورة"),))
    desk.call(lambda session: connector.edit(session, published.remote_id, new))
    assert desk.seen("pictured")[0].alts == ("صورة",)


def test_an_edit_that_meets_another_changes_nothing(desk: Desk) -> None:
    published = desk.publish(Outgoing(text="contested", language="en"), new_key())

    def outdated(forward: Callable[[], Answer]) -> Answer:
        live = json.loads(forward().body)
        return Answer(status=200, body=json.dumps(live | {"cid": f"b{'a' * 58}"}).encode())

    new = Outgoing(text="the loser's words", language="en")
    with desk.relay.breaking(outdated, reads=True, writes=False), pytest.raises(NotSent):
        desk.call(lambda session: connector.edit(session, published.remote_id, new))
    assert live_record(desk, published)["text"] == "contested"
