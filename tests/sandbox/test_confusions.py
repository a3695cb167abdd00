"""Faults of a platform that is confused: repeats refused, another account's answers, no answer at all."""

from collections.abc import Iterator

import httpx
import pytest

from connectors.sandbox import SandboxAccount, SandboxServer
from tests.e2e.installation import wait_until
from tests.sandbox.test_faults import effects, giving_up_after


@pytest.fixture
def account(shared: SandboxServer, name: str) -> Iterator[SandboxAccount]:
    yield shared.control.create_account("mastodon", name)
    shared.control.clear_faults()


def publish(client: httpx.Client, account: SandboxAccount, text: str) -> httpx.Response:
    return client.post(
        f"{account.base_url}/api/v1/statuses",
        json={"status": text},
        headers={"authorization": f"Bearer {account.secret['access_token']}"},
    )


def listed(client: httpx.Client, account: SandboxAccount) -> list[str]:
    answer = client.get(f"{account.base_url}/api/v1/accounts/{account.remote_id}/statuses")
    return [status["account"]["acct"] for status in answer.raise_for_status().json()]


def test_a_repeat_is_refused_as_a_duplicate_and_another_post_is_not(
    shared: SandboxServer, client: httpx.Client, account: SandboxAccount
) -> None:
    refusal = {"status": 422, "body": {"error": "you have said that already"}}
    shared.control.add_fault("mastodon", "duplicate", times=3, match="/statuses", method="POST", **refusal)
    with pytest.raises(httpx.RemoteProtocolError):
        publish(client, account, "once")
    refused = publish(client, account, "once")
    assert (refused.status_code, refused.json()) == (422, refusal["body"])
    with pytest.raises(httpx.RemoteProtocolError):
        publish(client, account, "another")
    shown = [post.text for post in shared.control.posts("mastodon") if post.account == account.handle]
    assert shown == ["once", "another"]


def test_a_listing_can_be_that_of_another(
    shared: SandboxServer, client: httpx.Client, account: SandboxAccount, name: str
) -> None:
    other = shared.control.create_account("mastodon", f"{name}-2")
    publish(client, other, "the same words")
    shared.control.add_fault(
        "mastodon", "mistaken", match="/statuses", asked=account.remote_id, answered=other.remote_id
    )
    assert listed(client, account) == [other.handle.lstrip("@").partition("@")[0]]
    assert listed(client, account) == []


@pytest.mark.parametrize("applied", [False, True])
def test_a_platform_can_take_a_request_and_never_answer(
    shared: SandboxServer, account: SandboxAccount, applied: bool
) -> None:
    since = len(shared.control.log())
    shared.control.add_fault("mastodon", "silence", match="/statuses", applied=applied)
    with giving_up_after(0.3) as client, pytest.raises(httpx.ReadTimeout):
        publish(client, account, "hello")
    wait_until(lambda: (("create", True) in effects(shared, since)) == applied)


@pytest.mark.parametrize("retry_after", [3_155_760_000, -5, "Wed, 21 Oct 2099 07:28:00 GMT", "gar\tbage", ""])
def test_a_wait_can_be_absurd(
    shared: SandboxServer, client: httpx.Client, account: SandboxAccount, retry_after: object
) -> None:
    shared.control.add_fault("mastodon", "status", status=429, headers={"retry-after": retry_after})
    answer = publish(client, account, "hello")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, str(retry_after))


def test_a_refresh_token_can_be_good_for_one_use_only(
    sandbox: SandboxServer, client: httpx.Client, name: str
) -> None:
    account = sandbox.control.create_account("bluesky", name)
    opened = client.post(f"{account.base_url}/xrpc/com.atproto.server.createSession", json=account.secret)

    def refresh() -> int:
        headers = {"authorization": f"Bearer {opened.json()['refreshJwt']}"}
        url = f"{account.base_url}/xrpc/com.atproto.server.refreshSession"
        return client.post(url, headers=headers).status_code

    assert [refresh(), refresh()] == [200, 200]
    sandbox.control.set_rotation(strict=True)
    assert refresh() == 400
