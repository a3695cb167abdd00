"""The Mastodon face answers after the OpenAPI description of 4.7.0, its variant as GoToSocial 0.20 did."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors.sandbox import SandboxAccount, SandboxServer
from tests.sandbox.conftest import heavy_picture, picture

URL = "https://example.org/" + "a" * 180


@dataclass(frozen=True)
class Mastodon:
    """An account's own client."""

    client: httpx.Client
    account: SandboxAccount

    def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        """One call with the token."""
        headers = {"authorization": f"Bearer {self.account.secret['access_token']}"}
        headers |= request.pop("headers", {})
        return self.client.request(method, f"{self.account.base_url}/api{path}", headers=headers, **request)

    def post(self, status: str, *, key: str = "", **fields: Any) -> httpx.Response:
        """A new status."""
        headers = {"idempotency-key": key} if key else {}
        return self.call("POST", "/v1/statuses", json={"status": status, **fields}, headers=headers)

    def upload(self, content: bytes, **fields: str) -> httpx.Response:
        """A new attachment."""
        return self.call("POST", "/v2/media", files={"file": ("a.png", content, "image/png")}, data=fields)


@pytest.fixture
def mastodon(shared: SandboxServer, client: httpx.Client, name: str) -> Mastodon:
    return Mastodon(client, shared.control.create_account("mastodon", name))


@pytest.fixture
def gotosocial(shared: SandboxServer, client: httpx.Client, name: str) -> Mastodon:
    return Mastodon(client, shared.control.create_account("gotosocial", name))


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_a_status_is_posted_and_read_by_anyone(shared: SandboxServer, mastodon: Mastodon) -> None:
    text = f"Bonjour #Monde & <co>\nligne\n\n{URL}"
    made = mastodon.post(text, language="fr", visibility="public").json()

    anyone = mastodon.client.get(f"{mastodon.account.base_url}/api/v1/statuses/{made['id']}")
    assert anyone.json() == made
    assert made["content"].startswith('<p>Bonjour <a href="')
    assert "&amp; &lt;co&gt;<br />ligne</p><p>" in made["content"]
    assert text not in made["content"]
    assert [tag["name"] for tag in made["tags"]] == ["monde"]
    [seen] = [one for one in shared.control.posts("mastodon") if one.remote_id == made["id"]]
    assert (seen.text, seen.language, seen.url) == (text, "fr", made["url"])


def test_a_key_makes_one_status_within_the_hour(sandbox: SandboxServer, client: httpx.Client) -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    sandbox.control.set_clock(start)
    mastodon = Mastodon(client, sandbox.control.create_account("mastodon", "centre"))
    first = mastodon.post("once", key="k").json()["id"]
    sandbox.control.set_clock(start + timedelta(minutes=59))
    assert mastodon.post("once", key="k").json()["id"] == first
    sandbox.control.set_clock(start + timedelta(minutes=60))
    assert mastodon.post("once", key="k").json()["id"] != first

    effects = [(entry.effect, entry.key) for entry in sandbox.control.log()]
    assert effects == [("create", "k"), ("repeat", "k"), ("create", "k")]


def test_a_key_is_the_accounts_own(shared: SandboxServer, mastodon: Mastodon, name: str) -> None:
    other = Mastodon(mastodon.client, shared.control.create_account("mastodon", f"{name}-other"))

    assert mastodon.post("mine", key="k").json()["id"] != other.post("yours", key="k").json()["id"]


def test_gotosocial_makes_a_second_status(gotosocial: Mastodon) -> None:
    first, second = (gotosocial.post("once", key="k").json()["id"] for _ in range(2))

    assert first != second
    assert len(first) == 26


@pytest.mark.parametrize(
    "text", ["a" * 500, "文" * 500, "e\u0301" * 500, f"{'a' * 476} {URL}", "@a@example.org " + "a" * 497]
)
def test_a_text_at_the_limit_is_taken(mastodon: Mastodon, text: str) -> None:
    assert mastodon.post(text).status_code == 200
    assert refusal(mastodon.post(f"a{text}a")) == (
        422,
        "Validation failed: Text character limit of 500 exceeded",
    )


def test_gotosocial_counts_and_refuses_in_its_own_way(gotosocial: Mastodon) -> None:
    assert gotosocial.post("e\u0301" * 2500).status_code == 200
    assert gotosocial.post("e\u0301" * 2500 + "a").status_code == 400
    assert gotosocial.post(f"{'a' * 4900} {URL}").status_code == 400
    assert gotosocial.post("").status_code == 400
    configuration = gotosocial.call("GET", "/v2/instance").json()["configuration"]["statuses"]
    assert configuration == {
        "max_characters": 5000,
        "max_media_attachments": 4,
        "characters_reserved_per_url": 25,
    }


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": ""}, "Text can't be blank"),
        ({"status": "a" * 400, "spoiler_text": "b" * 101}, "limit of 500"),
        ({"status": "x", "colour": "red"}, "unknown parameter colour"),
        ({"status": "x", "language": "French"}, "Language"),
        ({"status": "x", "media_ids": ["1"]}, "not found or already attached"),
        ({"status": "x", "media_ids": [1]}, "array of strings"),
        ({"status": "x", "media_ids": ["1", "2", "3", "4", "5"]}, "more than 4"),
        ({"status": "x", "visibility": "secret"}, "Visibility"),
        ({"status": 7}, "Text must be text"),
    ],
)
def test_a_wrong_status_is_refused(mastodon: Mastodon, fields: dict[str, Any], words: str) -> None:
    status, error = refusal(mastodon.call("POST", "/v1/statuses", json=fields))

    assert status == 422
    assert words in error


@pytest.mark.parametrize(
    ("tag", "kept"), [("zh-CN", "zh-CN"), ("zh-Hans", "zh"), ("pt-BR", "pt"), ("ar", "ar")]
)
def test_a_language_keeps_what_mastodon_knows(mastodon: Mastodon, tag: str, kept: str) -> None:
    assert mastodon.post("x", language=tag).json()["language"] == kept


def test_a_form_is_as_good_as_json(mastodon: Mastodon) -> None:
    media = mastodon.upload(picture(), description="rouge").json()["id"]
    made = mastodon.call(
        "POST", "/v1/statuses", data={"status": "x", "media_ids[]": [media], "sensitive": "false"}
    ).json()

    assert [one["description"] for one in made["media_attachments"]] == ["rouge"]
    assert made["sensitive"] is False


def test_small_media_are_ready_and_large_ones_soon(mastodon: Mastodon) -> None:
    small = mastodon.upload(picture())
    assert (small.status_code, small.json()["url"] is None) == (200, False)
    large = mastodon.upload(heavy_picture(300_000))
    number = large.json()["id"]
    assert (large.status_code, large.json()["url"]) == (202, None)
    assert "finished processing" in refusal(mastodon.post("x", media_ids=[number]))[1]

    looks = [mastodon.call("GET", f"/v1/media/{number}") for _ in range(2)]
    assert [look.status_code for look in looks] == [206, 200]
    assert looks[1].json()["url"]
    assert mastodon.post("x", media_ids=[number]).status_code == 200
    assert mastodon.call("GET", f"/v1/media/{number}").status_code == 404
    assert "already attached" in refusal(mastodon.post("y", media_ids=[number]))[1]


def test_media_are_images_with_short_descriptions(mastodon: Mastodon) -> None:
    assert mastodon.upload(b"no picture").status_code == 422
    assert mastodon.upload(picture(), description="a" * 1501).status_code == 422
    number = mastodon.upload(picture()).json()["id"]
    changed = mastodon.call("PUT", f"/v1/media/{number}", json={"description": "later"})
    assert changed.json()["description"] == "later"
    assert mastodon.call("DELETE", f"/v1/media/{number}").status_code == 200
    assert mastodon.call("POST", "/v2/media", data={"description": "x"}).status_code == 415


def test_an_edit_drops_the_media_it_does_not_name(shared: SandboxServer, mastodon: Mastodon) -> None:
    media = mastodon.upload(picture(), description="before").json()["id"]
    number = mastodon.post("before", media_ids=[media], language="fr").json()["id"]
    kept = mastodon.call(
        "PUT",
        f"/v1/statuses/{number}",
        json={
            "status": "after",
            "media_ids": [media],
            "media_attributes": [{"id": media, "description": "after"}],
        },
    ).json()
    assert [one["description"] for one in kept["media_attachments"]] == ["after"]
    assert (kept["language"], kept["edited_at"] is None) == ("fr", False)
    bare = mastodon.call("PUT", f"/v1/statuses/{number}", json={"status": "bare"}).json()
    assert bare["media_attachments"] == []
    [seen] = [one for one in shared.control.posts("mastodon") if one.remote_id == number]
    assert (seen.text, seen.media_count) == ("bare", 0)


def test_a_deletion_answers_with_the_source_and_then_404(mastodon: Mastodon) -> None:
    number = mastodon.post("gone *soon*").json()["id"]
    assert mastodon.call("GET", f"/v1/statuses/{number}/source").json()["text"] == "gone *soon*"
    assert mastodon.call("DELETE", f"/v1/statuses/{number}").json()["text"] == "gone *soon*"
    assert refusal(mastodon.call("DELETE", f"/v1/statuses/{number}")) == (404, "Record not found")
    assert mastodon.call("GET", f"/v1/statuses/{number}").status_code == 404


def test_own_statuses_are_listed_from_new_to_old(mastodon: Mastodon) -> None:
    numbers = [mastodon.post(f"status {count}").json()["id"] for count in range(5)]
    listing = f"/v1/accounts/{mastodon.account.remote_id}/statuses"
    first = mastodon.call("GET", listing, params={"limit": 3})
    after = first.links["next"]["url"]
    rest = mastodon.client.get(after)

    assert [one["id"] for one in (*first.json(), *rest.json())] == numbers[::-1]
    newer = mastodon.call("GET", listing, params={"since_id": numbers[3]}).json()
    assert [one["id"] for one in newer] == numbers[4:]


def test_many_statuses_are_read_at_once(mastodon: Mastodon, gotosocial: Mastodon) -> None:
    numbers = [mastodon.post(f"status {count}").json()["id"] for count in range(3)]
    found = mastodon.call("GET", "/v1/statuses", params={"id[]": [*numbers, "404"]}).json()

    assert [one["id"] for one in found] == numbers
    assert gotosocial.call("GET", "/v1/statuses", params={"id[]": numbers}).status_code == 404


def test_tokens_are_checked(shared: SandboxServer, mastodon: Mastodon) -> None:
    path = "/v1/accounts/verify_credentials"
    assert mastodon.call("GET", path).json()["id"] == mastodon.account.remote_id
    nobody = mastodon.client.get(f"{mastodon.account.base_url}/api{path}")
    assert refusal(nobody) == (401, "This method requires an authenticated user")
    wrong = mastodon.call("GET", path, headers={"authorization": "Bearer wrong"})
    assert refusal(wrong) == (401, "The access token is invalid")
    shared.control.set_standing("mastodon", mastodon.account.handle, "read_only")
    assert mastodon.call("GET", path).status_code == 200
    assert refusal(mastodon.post("x")) == (403, "This action is outside the authorized scopes")
    shared.control.set_standing("mastodon", mastodon.account.handle, "revoked")
    assert mastodon.post("x").status_code == 401


def test_limits_are_announced_and_kept(sandbox: SandboxServer, client: httpx.Client) -> None:
    sandbox.control.set_clock(datetime(2026, 11, 1, 10, 2, tzinfo=UTC))
    mastodon = Mastodon(client, sandbox.control.create_account("mastodon", "centre"))
    uploads = [mastodon.upload(picture()) for _ in range(31)]

    assert [upload.status_code for upload in uploads] == [200] * 30 + [429]
    assert uploads[0].headers["x-ratelimit-limit"] == "30"
    assert uploads[0].headers["x-ratelimit-remaining"] == "29"
    assert uploads[30].headers["x-ratelimit-reset"] == "2026-11-01T10:30:00.000Z"
    assert uploads[30].json() == {"error": "Too many requests"}
    assert mastodon.post("x").headers["x-ratelimit-limit"] == "300"
