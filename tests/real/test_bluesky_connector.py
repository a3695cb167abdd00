"""The Bluesky connector on the real network: the whole suite, counters, what lapses or is lost."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from connectors.bluesky import connector
from connectors.conformance import Answer, ConnectorConformance, Desk, Place, Relay, Seen, new_key, new_mark
from connectors.contract import Account, Outgoing, Reading, Staged
from connectors.errors import NeedsRefresh
from tests.servers.bluesky import BlueskyNetwork
from tests.servers.bluesky_accounts import Account as Person
from tests.servers.bluesky_accounts import (
    Record,
    await_post,
    create_account,
    like,
    list_posts,
    quote,
    reply,
    repost,
)

pytestmark = pytest.mark.bluesky


def real_place(network: BlueskyNetwork, handle: str) -> Place:
    person = create_account(network, handle)
    return Place(
        account=Account(base_url=network.pds_url, handle=handle),
        secret={"identifier": handle, "password": person.app_password},
        dead_secret={"identifier": handle, "password": "aaaa-bbbb-cccc-dddd"},
        look=lambda mark: [_seen(one) for one in list_posts(person) if mark in one["value"]["text"]],
    )


def _seen(record: dict[str, Any]) -> Seen:
    value = record["value"]
    images = value.get("embed", {}).get("images", [])
    return Seen(
        remote_id=record["uri"],
        text=value["text"],
        language=value["langs"][0],
        media_count=len(images),
        alts=tuple(image["alt"] for image in images),
    )


class TestConformance(ConnectorConformance):
    connector = connector

    @pytest.fixture(scope="class")
    @classmethod
    def place(cls, bluesky: BlueskyNetwork) -> Place:
        return real_place(bluesky, "conformance.test")

    def too_many_requests(self, wait_s: int | None) -> Answer:
        headers = {} if wait_s is None else {"retry-after": str(wait_s)}
        return Answer(status=429, body=b'{"error": "RateLimitExceeded"}', headers=headers)


@pytest.fixture(scope="module")
def desk(bluesky: BlueskyNetwork) -> Iterator[Desk]:
    place = real_place(bluesky, "peking-news.test")
    with Relay(bluesky.pds_url) as relay:
        yield Desk(connector, place, relay)


@pytest.fixture(scope="module")
def reader(bluesky: BlueskyNetwork) -> Person:
    return create_account(bluesky, "curious-reader.test")


def read_metrics(desk: Desk, *remote_ids: str) -> list[Reading]:
    return list(desk.call(lambda session: connector.fetch_metrics(session, remote_ids)))


def test_counters_are_what_others_did(desk: Desk, reader: Person) -> None:
    published = desk.publish(Outgoing(text=f"{new_mark()} 新闻", language="zh-CN"), new_key())
    seen = await_post(reader.network, published.remote_id)
    target = Record(published.remote_id, seen["cid"])
    like(reader, target)
    repost(reader, target)
    reply(reader, target, "好")
    quote(reader, target, "看")
    await_post(reader.network, target.uri, likeCount=1, repostCount=1, replyCount=1, quoteCount=1)
    (reading,) = read_metrics(desk, target.uri)
    assert reading.values == {
        "likeCount": 1,
        "repostCount": 1,
        "quoteCount": 1,
        "replyCount": 1,
        "bookmarkCount": 0,
    }
    assert reading.missing == {}


def test_a_post_is_served_with_card_facets_and_language(desk: Desk, reader: Person) -> None:
    text = f"{new_mark()} 你好 @{reader.handle}，看 https://example.org/新闻 #北京"
    outgoing = Outgoing(text=text, language="zh-CN", link="https://example.org/story")
    published = desk.publish(outgoing, new_key())
    record = await_post(reader.network, published.remote_id)["record"]
    features = {facet["features"][0]["$type"].partition("#")[2] for facet in record["facets"]}
    assert features == {"mention", "link", "tag"}
    assert record["embed"]["external"]["uri"] == outgoing.link
    assert record["langs"] == ["zh-CN"]


def test_an_edit_keeps_the_creation_time(desk: Desk, bluesky: BlueskyNetwork) -> None:
    published = desk.publish(Outgoing(text="alt", language="de"), new_key())
    before = live_record(bluesky, published.remote_id)
    new = Outgoing(text="neu", language="de")
    desk.call(lambda session: connector.edit(session, published.remote_id, new))
    after = live_record(bluesky, published.remote_id)
    assert (before["text"], after["text"]) == ("alt", "neu")
    assert before["createdAt"] == after["createdAt"]


def test_a_refused_token_is_renewed_by_its_refresh_token(desk: Desk) -> None:
    broken = dict(desk.secret) | {"access_jwt": f"{desk.secret['access_jwt']}x"}
    with pytest.raises(NeedsRefresh):
        desk.call_as(desk.account, broken, connector.fetch_audience)
    without_password = broken | {"password": ""}
    renewed = desk.call_as(desk.account, without_password, connector.refresh_credentials)
    assert renewed.expires_at is not None
    assert desk.call_as(desk.account, renewed.secret, connector.fetch_audience).values == {
        "followersCount": 0
    }


def test_an_image_the_server_has_dropped_is_uploaded_again(desk: Desk, bluesky: BlueskyNetwork) -> None:
    image = TestConformance().image("علم")
    outgoing, key = Outgoing(text=new_mark(), language="ar", media=(image,)), new_key()
    (name,) = desk.stage(outgoing, key).handle
    unknown_cid = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
    blob = {"$type": "blob", "ref": {"$link": unknown_cid}, "mimeType": image.mime_type, "size": 9}
    dropped = Staged(handle={name: json.dumps(blob)}, complete=True)
    published = desk.release(outgoing, key, dropped)
    embed = live_record(bluesky, published.remote_id)["embed"]
    assert embed["images"][0]["image"]["ref"]["$link"] != unknown_cid


def live_record(network: BlueskyNetwork, uri: str) -> dict[str, Any]:
    repo, collection, rkey = uri.removeprefix("at://").split("/")
    asked = {"repo": repo, "collection": collection, "rkey": rkey}
    answer = httpx.get(f"{network.pds_url}/xrpc/com.atproto.repo.getRecord", params=asked)
    value: dict[str, Any] = answer.raise_for_status().json()["value"]
    return value
