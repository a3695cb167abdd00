"""No face breaks on nonsense: whatever comes, the answer is one the platform would give."""

import json
import random
from typing import Any

import httpx
import pytest

from connectors.sandbox import SandboxAccount, SandboxServer
from tests.sandbox.bluesky import POST, RKEYS, facet, log_in, post

NONSENSE: tuple[Any, ...] = (
    *(None, True, -5, 10**30, 1.5, "", "x", "😀", [], [1], ["x"], {}, {"a": 1}, [{}], [[]]),
    *("attach://x", "2026-13-45T00:00:00Z", "at://x/y/z", "did:x"),
)
REFERENCE = {"uri": "at://a/b/c", "cid": "b" + "a" * 58}
ROUNDS = 120


def mutated(value: Any, chance: random.Random) -> Any:
    """The value with some of its parts replaced, left out or added."""
    if chance.random() < 0.06:
        return chance.choice(NONSENSE)
    if isinstance(value, dict):
        kept = {name: mutated(inner, chance) for name, inner in value.items() if chance.random() < 0.98}
        return {**kept, **({"$type": chance.choice(NONSENSE)} if chance.random() < 0.04 else {})}
    if isinstance(value, list):
        return [mutated(inner, chance) for inner in value]
    return value


def bluesky(client: httpx.Client, account: SandboxAccount) -> tuple[str, dict[str, str], Any]:
    xrpc = log_in(client, account)
    embed = {"$type": "app.bsky.embed.record", "record": REFERENCE}
    reply = {"root": REFERENCE, "parent": REFERENCE}
    record = post(text="hi #x", facets=[facet(3, 5, kind="tag", tag="x")], embed=embed, reply=reply)
    body = {"repo": xrpc.did, "collection": POST, "rkey": RKEYS[0], "record": record}
    signed = {"authorization": f"Bearer {xrpc.tokens['accessJwt']}"}
    return f"{account.base_url}/xrpc/com.atproto.repo.putRecord", signed, body


def mastodon(_client: httpx.Client, account: SandboxAccount) -> tuple[str, dict[str, str], Any]:
    body = {"status": "x", "media_ids": ["1"], "language": "fr", "sensitive": False, "visibility": "public"}
    signed = {"authorization": f"Bearer {account.secret['access_token']}"}
    return f"{account.base_url}/api/v1/statuses", signed, body


def telegram(_client: httpx.Client, account: SandboxAccount) -> tuple[str, dict[str, str], Any]:
    link = {"type": "text_link", "offset": 0, "length": 1, "url": "https://a.org"}
    body = {"chat_id": account.handle, "text": "hi", "entities": [link], "link_preview_options": {"url": "x"}}
    return f"{account.base_url}/bot{account.secret['bot_token']}/sendMessage", {}, body


def wordpress(_client: httpx.Client, account: SandboxAccount) -> tuple[str, dict[str, str], Any]:
    secret = account.secret
    signed = httpx.BasicAuth(secret["username"], secret["application_password"])._auth_header
    body = {
        "title": "x",
        "content": {"raw": "y"},
        "slug": "s",
        "status": "draft",
        "featured_media": 0,
        "tags": [],
    }
    return f"{account.base_url}/wp-json/wp/v2/posts", {"authorization": signed}, body


@pytest.mark.parametrize("aim", [bluesky, mastodon, telegram, wordpress])
def test_nonsense_is_refused_in_the_platforms_form(
    shared: SandboxServer, client: httpx.Client, name: str, aim: Any
) -> None:
    url, signed, body = aim(client, shared.control.create_account(aim.__name__, name))
    chance = random.Random(name)  # noqa: S311  # repeatable nonsense
    statuses = set()
    for _ in range(ROUNDS):
        content = json.dumps(mutated(body, chance)).encode()
        answer = client.post(url, content=content, headers={"content-type": "application/json", **signed})
        assert isinstance(answer.json(), dict), content
        statuses.add(answer.status_code)
    assert statuses & {200, 201}
    assert statuses & {400, 422}
    assert 500 not in statuses
