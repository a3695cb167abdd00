"""The Bluesky face answers as PDS 0.5 was seen to answer (2026-11-22)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors.sandbox import SandboxServer
from tests.sandbox.bluesky import POST, RKEYS, Xrpc, facet, log_in, post
from tests.sandbox.conftest import heavy_picture, picture


@pytest.fixture
def xrpc(shared: SandboxServer, client: httpx.Client, name: str) -> Xrpc:
    return log_in(client, shared.control.create_account("bluesky", name))


def error_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_a_put_is_an_upsert_under_the_clients_key(shared: SandboxServer, xrpc: Xrpc) -> None:
    first = xrpc.put(RKEYS[0])
    again = xrpc.put(RKEYS[0])
    edited = xrpc.put(RKEYS[0], text="hello again")

    assert first.json()["uri"] == xrpc.uri(RKEYS[0])
    assert (again.status_code, again.json()["cid"]) == (200, first.json()["cid"])
    assert "commit" in first.json()
    assert "commit" not in again.json()
    assert edited.json()["cid"] != first.json()["cid"]
    effects = [entry.effect for entry in shared.control.log() if entry.account == xrpc.account.handle]
    assert effects == ["create", "repeat", "edit"]


def test_a_create_on_a_used_key_looks_like_a_broken_server(xrpc: Xrpc) -> None:
    xrpc.put(RKEYS[0])
    body = {"repo": xrpc.did, "collection": POST, "rkey": RKEYS[0], "record": post()}

    assert error_of(xrpc.post("com.atproto.repo.createRecord", body)) == (500, "InternalServerError")


def test_a_create_without_a_key_gets_a_tid(xrpc: Xrpc) -> None:
    body = {"repo": xrpc.account.handle, "collection": POST, "record": post()}
    made = xrpc.post("com.atproto.repo.createRecord", body).json()

    rkey = made["uri"].rpartition("/")[2]
    assert len(rkey) == 13
    assert xrpc.get("com.atproto.repo.getRecord", repo=xrpc.did, collection=POST, rkey=rkey).json() == {
        "uri": made["uri"],
        "cid": made["cid"],
        "value": post(),
    }


@pytest.mark.parametrize("rkey", ["job-01", "zzzzzzzzzzzzz", "3lbhd2qzcs2", ""])
def test_a_key_that_is_no_tid_is_refused(xrpc: Xrpc, rkey: str) -> None:
    assert error_of(xrpc.put(rkey)) == (400, "InvalidRequest")


def test_a_record_that_is_not_there_is_a_400(xrpc: Xrpc) -> None:
    answer = xrpc.get("com.atproto.repo.getRecord", repo=xrpc.did, collection=POST, rkey=RKEYS[1])

    assert error_of(answer) == (400, "RecordNotFound")


def test_deleting_twice_is_fine_and_happens_once(shared: SandboxServer, xrpc: Xrpc) -> None:
    xrpc.put(RKEYS[0])
    body = {"repo": xrpc.did, "collection": POST, "rkey": RKEYS[0]}
    answers = [xrpc.post("com.atproto.repo.deleteRecord", body) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[1].json() == {}
    deletions = [entry for entry in shared.control.log() if entry.effect == "delete"]
    assert [entry.remote_id for entry in deletions].count(xrpc.uri(RKEYS[0])) == 1


FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}\N{ZERO WIDTH JOINER}\N{BOY}"


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"text": "文" * 301}, "grapheme too big (maximum 300, got 301)"),
        ({"text": FAMILY * 121}, "string too big (maximum 3000, got 3025)"),
        ({"langs": ["en", "fr", "es", "ar"]}, "array too big (maximum 3, got 4)"),
        ({"langs": ["english!"]}, "invalid language"),
        ({"createdAt": "2026-11-22 08:00"}, "invalid datetime"),
        ({"text": ""}, "needs an embed"),
        ({"title": "x"}, 'unexpected key "title"'),
        ({"$type": "app.bsky.feed.posts"}, "expected $type"),
        ({"embed": {"$type": "app.bsky.embed.images", "images": [{}]}}, "missing required key"),
        ({"embed": {"$type": "app.bsky.embed.external", "external": {"uri": "x"}}}, "at $.embed.external"),
    ],
)
def test_a_record_that_breaks_the_lexicon_is_refused(xrpc: Xrpc, record: dict[str, Any], words: str) -> None:
    answer = xrpc.put(RKEYS[0], **record)

    assert error_of(answer) == (400, "InvalidRequest")
    assert words in answer.json()["message"]


@pytest.mark.parametrize("text", ["a" * 300, "文" * 300, FAMILY * 120, "e\u0301" * 300])
def test_a_text_at_the_limit_is_taken(xrpc: Xrpc, text: str) -> None:
    assert xrpc.put(RKEYS[0], text=text).status_code == 200


@pytest.mark.parametrize(
    ("facets", "words"),
    [
        ([facet(6, 10, kind="tag", tag="خبر")], "covers"),
        ([facet(11, 17, kind="tag", tag="خبر")], "cuts a character"),
        ([facet(11, 40, kind="tag", tag="خبر")], "not inside"),
        ([facet(5, 5, kind="link", uri="https://example.org")], "not inside"),
        ([facet(0, 10, kind="mention", did="did:plc:abc")], "covers"),
        (
            [facet(0, 10, kind="link", uri="https://a.org"), facet(8, 10, kind="link", uri="https://a.org")],
            "overlap",
        ),
    ],
)
def test_a_facet_on_the_wrong_bytes_is_refused(xrpc: Xrpc, facets: list[Any], words: str) -> None:
    answer = xrpc.put(RKEYS[0], text="مرحبا #خبر", facets=facets)

    assert answer.status_code == 400
    assert words in answer.json()["message"]


def test_facets_on_the_right_bytes_are_taken(xrpc: Xrpc) -> None:
    text = "مرحبا #خبر https://example.org/a…"
    facets = [facet(11, 18, kind="tag", tag="خبر"), facet(19, 43, kind="link", uri="https://example.org/abc")]

    assert xrpc.put(RKEYS[0], text=text, facets=facets).status_code == 200


def test_an_image_is_uploaded_once_and_shown_with_its_description(shared: SandboxServer, xrpc: Xrpc) -> None:
    blob = xrpc.upload(picture(), "image/png").json()["blob"]
    embed = {"$type": "app.bsky.embed.images", "images": [{"image": blob, "alt": "a red square"}]}
    assert xrpc.put(RKEYS[0], embed=embed).status_code == 200

    [view] = xrpc.get("app.bsky.feed.getPosts", uris=[xrpc.uri(RKEYS[0])]).json()["posts"]
    assert view["embed"]["images"][0]["alt"] == "a red square"
    [seen] = [one for one in shared.control.posts("bluesky") if one.remote_id == view["uri"]]
    assert (seen.media_count, seen.alts, seen.language) == (1, ("a red square",), "en")


def test_a_blob_is_known_by_its_bytes(xrpc: Xrpc) -> None:
    sniffed = xrpc.upload(picture(kind="JPEG"), "image/png").json()["blob"]
    assert sniffed["mimeType"] == "image/jpeg"
    assert error_of(xrpc.upload(b"no picture", "image/png")) == (400, "InvalidMimeType")

    wrong = {**sniffed, "mimeType": "image/png"}
    embed = {"$type": "app.bsky.embed.images", "images": [{"image": wrong, "alt": ""}]}
    assert error_of(xrpc.put(RKEYS[0], embed=embed)) == (400, "InvalidMimeType")
    unknown = {**sniffed, "ref": {"$link": "bafkrei" + "a" * 52}}
    embed = {"$type": "app.bsky.embed.images", "images": [{"image": unknown, "alt": ""}]}
    assert error_of(xrpc.put(RKEYS[0], embed=embed)) == (400, "BlobNotFound")


def test_a_heavy_blob_passes_and_its_record_does_not(xrpc: Xrpc) -> None:
    blob = xrpc.upload(heavy_picture(2_000_001), "image/jpeg").json()["blob"]
    answer = xrpc.put(
        RKEYS[0], embed={"$type": "app.bsky.embed.images", "images": [{"image": blob, "alt": ""}]}
    )

    assert "blob too big (maximum 2000000" in answer.json()["message"]


def test_tokens_lapse_by_the_sandbox_clock(sandbox: SandboxServer, client: httpx.Client) -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    sandbox.control.set_clock(start)
    xrpc = log_in(client, sandbox.control.create_account("bluesky", "centre"))
    sandbox.control.set_clock(start + timedelta(minutes=119))
    assert xrpc.put(RKEYS[0]).status_code == 200

    sandbox.control.set_clock(start + timedelta(hours=2))
    assert error_of(xrpc.put(RKEYS[1])) == (400, "ExpiredToken")
    renewed = xrpc.post("com.atproto.server.refreshSession", by="refresh")
    assert renewed.json()["handle"] == "centre.test"
    fresh = Xrpc(client, xrpc.account, renewed.json())
    assert fresh.put(RKEYS[1]).status_code == 200

    assert xrpc.post("com.atproto.server.refreshSession", by="refresh").status_code == 200
    sandbox.control.set_clock(start + timedelta(hours=5))
    late = xrpc.post("com.atproto.server.refreshSession", by="refresh")
    assert error_of(late) == (400, "ExpiredToken")


def test_tokens_are_checked_for_what_they_are(shared: SandboxServer, xrpc: Xrpc) -> None:
    wrong = {**xrpc.account.secret, "password": "aaaa-bbbb-cccc-dddd"}
    login = xrpc.post("com.atproto.server.createSession", wrong)
    assert error_of(login) == (401, "AuthenticationRequired")
    swapped = Xrpc(xrpc.client, xrpc.account, {**xrpc.tokens, "accessJwt": xrpc.tokens["refreshJwt"]})
    assert error_of(swapped.put(RKEYS[0])) == (400, "InvalidToken")
    assert error_of(xrpc.post("com.atproto.server.refreshSession")) == (400, "InvalidToken")
    anonymous = xrpc.client.get(f"{xrpc.account.base_url}/xrpc/app.bsky.feed.getPosts?uris=at://a/b/c")
    assert error_of(anonymous) == (401, "AuthMissing")

    shared.control.set_standing("bluesky", xrpc.account.handle, "revoked")
    assert error_of(xrpc.put(RKEYS[0])) == (400, "InvalidToken")


def test_nobody_writes_into_another_repository(shared: SandboxServer, xrpc: Xrpc, name: str) -> None:
    other = shared.control.create_account("bluesky", f"{name}-other")
    body = {"repo": other.handle, "collection": POST, "rkey": RKEYS[0], "record": post()}

    assert error_of(xrpc.post("com.atproto.repo.putRecord", body)) == (401, "AuthenticationRequired")


def test_calls_outside_the_table_are_refused(xrpc: Xrpc) -> None:
    assert error_of(xrpc.get("com.atproto.repo.applyWrites")) == (501, "MethodNotImplemented")
    assert error_of(xrpc.get("com.atproto.repo.putRecord")) == (405, "InvalidRequest")
    body = {"repo": xrpc.did, "collection": POST, "rkey": RKEYS[0], "record": post(), "extra": 1}
    assert error_of(xrpc.post("com.atproto.repo.putRecord", body)) == (400, "InvalidRequest")
    assert error_of(xrpc.get("app.bsky.feed.getPosts", uris=["at://a/b/c"] * 26)) == (400, "InvalidRequest")


def test_lists_run_from_new_to_old_in_pages(xrpc: Xrpc) -> None:
    for rkey in RKEYS[:5]:
        xrpc.put(rkey, text=rkey)
    first = xrpc.get("com.atproto.repo.listRecords", repo=xrpc.did, collection=POST, limit=3).json()
    rest = xrpc.get(
        "com.atproto.repo.listRecords", repo=xrpc.did, collection=POST, cursor=first["cursor"]
    ).json()

    texts = [one["value"]["text"] for one in (*first["records"], *rest["records"])]
    assert texts == sorted(RKEYS[:5], reverse=True)
    assert "cursor" not in rest
    feed = xrpc.get("app.bsky.feed.getAuthorFeed", actor=xrpc.account.handle).json()["feed"]
    assert [one["post"]["record"]["text"] for one in feed] == texts


def test_other_accounts_reactions_are_counted(shared: SandboxServer, xrpc: Xrpc, name: str) -> None:
    subject = xrpc.put(RKEYS[0]).json()
    reference = {"uri": subject["uri"], "cid": subject["cid"]}
    fan = log_in(xrpc.client, shared.control.create_account("bluesky", f"{name}-fan"))
    for collection in ("app.bsky.feed.like", "app.bsky.feed.repost"):
        record = {"$type": collection, "subject": reference, "createdAt": "2026-11-22T09:00:00Z"}
        body = {"repo": fan.did, "collection": collection, "record": record}
        assert fan.post("com.atproto.repo.createRecord", body).status_code == 200
    fan.put(RKEYS[1], reply={"root": reference, "parent": reference})
    fan.put(RKEYS[2], embed={"$type": "app.bsky.embed.record", "record": reference})

    [view] = xrpc.get("app.bsky.feed.getPosts", uris=[subject["uri"]]).json()["posts"]
    assert shared.control.truth(subject["uri"]) == {
        name: view[name] for name in ("likeCount", "repostCount", "replyCount", "quoteCount", "bookmarkCount")
    }
    assert (view["likeCount"], view["repostCount"], view["replyCount"], view["quoteCount"]) == (1, 1, 1, 1)


def test_points_run_out_and_the_headers_say_so(sandbox: SandboxServer, client: httpx.Client) -> None:
    sandbox.control.set_clock(datetime(2026, 11, 1, 10, 30, tzinfo=UTC))
    account = sandbox.control.create_account("bluesky", "centre")
    login = {"identifier": account.handle, "password": "wrong"}
    url = f"{account.base_url}/xrpc/com.atproto.server.createSession"
    answers = [client.post(url, json=login) for _ in range(31)]

    assert [answer.status_code for answer in answers] == [401] * 30 + [429]
    assert answers[0].headers["ratelimit-limit"] == "30"
    assert answers[0].headers["ratelimit-remaining"] == "29"
    assert answers[30].json()["error"] == "RateLimitExceeded"
    assert answers[30].headers["retry-after"] == "300"
    assert (
        int(answers[30].headers["ratelimit-reset"]) == datetime(2026, 11, 1, 10, 35, tzinfo=UTC).timestamp()
    )


def test_handles_resolve_and_profiles_count(shared: SandboxServer, xrpc: Xrpc) -> None:
    xrpc.put(RKEYS[0])
    handle = xrpc.account.handle
    assert xrpc.get("com.atproto.identity.resolveHandle", handle=handle).json() == {"did": xrpc.did}
    assert error_of(xrpc.get("com.atproto.identity.resolveHandle", handle="nobody.test"))[0] == 400
    profile = xrpc.get("app.bsky.actor.getProfile", actor=xrpc.did).json()
    assert profile["followersCount"] == shared.control.followers("bluesky", handle)
    assert profile["postsCount"] == 1
