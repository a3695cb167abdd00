"""The Bluesky network for tests: a post under a chosen key, and what others do with it, counted."""

import httpx
import pytest

from tests.servers.bluesky import BlueskyNetwork
from tests.servers.bluesky_accounts import (
    Account,
    Record,
    await_post,
    create_account,
    get_post,
    like,
    post,
    quote,
    reply,
    repost,
)

pytestmark = pytest.mark.bluesky

RECORD_KEY = "3lbhc2oqkzs2a"


@pytest.fixture(scope="module")
def centre(bluesky: BlueskyNetwork) -> Account:
    return create_account(bluesky, "smoke-centre.test")


@pytest.fixture(scope="module")
def reader(bluesky: BlueskyNetwork) -> Account:
    return create_account(bluesky, "smoke-reader.test")


def sign_in(account: Account, password: str) -> str:
    answer = httpx.post(
        f"{account.network.pds_url}/xrpc/com.atproto.server.createSession",
        json={"identifier": account.handle, "password": password},
    )
    token: str = answer.raise_for_status().json()["accessJwt"]
    return token


def test_a_record_put_twice_with_an_app_password_is_one_post(centre: Account) -> None:
    token = sign_in(centre, centre.app_password)
    record = {"$type": "app.bsky.feed.post", "text": "新闻", "createdAt": "2026-11-22T09:00:00Z"}
    call = {"repo": centre.did, "collection": "app.bsky.feed.post", "rkey": RECORD_KEY, "record": record}
    first, second = (
        httpx.post(
            f"{centre.network.pds_url}/xrpc/com.atproto.repo.putRecord",
            json=call,
            headers={"Authorization": f"Bearer {token}"},
        ).raise_for_status()
        for _ in range(2)
    )
    assert first.json()["cid"] == second.json()["cid"]
    assert await_post(centre.network, first.json()["uri"])["record"]["text"] == "新闻"


def test_what_others_do_is_counted(centre: Account, reader: Account) -> None:
    published = post(centre, "to be counted")
    like(reader, published)
    repost(reader, published)
    reply(reader, published, "an answer")
    quote(reader, published, "look at this")
    await_post(centre.network, published.uri, likeCount=1, repostCount=1, replyCount=1, quoteCount=1)


def test_an_absent_post_is_not_shown(centre: Account) -> None:
    absent = Record(f"at://{centre.did}/app.bsky.feed.post/3lbhc2oqkzs2b", "")
    assert get_post(centre.network, absent.uri) is None
