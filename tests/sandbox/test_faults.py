"""Faults do to a real connection what they say, and the log knows what was applied."""

import json
import socket
import threading
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from connectors.sandbox import ControlRefused, SandboxAccount, SandboxServer
from tests.e2e.installation import wait_until


@pytest.fixture
def account(shared: SandboxServer, name: str) -> SandboxAccount:
    shared.control.clear_faults()
    return shared.control.create_account("mastodon", name)


def publish(client: httpx.Client, account: SandboxAccount, text: str = "hello") -> httpx.Response:
    headers = {"authorization": f"Bearer {account.secret['access_token']}"}
    return client.post(f"{account.base_url}/api/v1/statuses", json={"status": text}, headers=headers)


def giving_up_after(patience_s: float) -> httpx.Client:
    """A client that waits so long for an answer, and for nothing else."""
    return httpx.Client(trust_env=False, timeout=httpx.Timeout(30, read=patience_s))


def effects(shared: SandboxServer, since: int) -> list[tuple[str, bool]]:
    return [(entry.effect, entry.applied) for entry in shared.control.log(since)]


@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_lost_before_changes_nothing(
    shared: SandboxServer, client: httpx.Client, account: SandboxAccount, reset: bool
) -> None:
    since = len(shared.control.log())
    shared.control.add_fault("mastodon", "drop_before", match="/statuses", method="POST", reset=reset)
    with pytest.raises((httpx.RemoteProtocolError, httpx.NetworkError)):
        publish(client, account)

    assert effects(shared, since) == [("stopped", False)]
    assert shared.control.log(since)[0].text == "POST statuses: fault drop_before"


@pytest.mark.parametrize(
    ("kind", "arguments", "patience_s", "error"),
    [
        ("drop_after", {}, 30, httpx.RemoteProtocolError),
        ("drop_after", {"reset": True}, 30, httpx.ReadError),
        ("cut", {}, 30, httpx.RemoteProtocolError),
        ("delay", {"seconds": 0.6}, 0.3, httpx.ReadTimeout),
    ],
)
def test_an_answer_that_does_not_arrive_leaves_its_effect(
    shared: SandboxServer,
    account: SandboxAccount,
    kind: str,
    arguments: dict[str, Any],
    patience_s: float,
    error: type[Exception],
) -> None:
    since = len(shared.control.log())
    shared.control.add_fault("mastodon", kind, match="/statuses", **arguments)
    with giving_up_after(patience_s) as client, pytest.raises(error):
        publish(client, account)

    wait_until(lambda: effects(shared, since) == [("create", True)])
    assert [one.text for one in shared.control.posts("mastodon") if one.account == account.handle] == [
        "hello"
    ]


def test_an_effect_can_come_after_the_client_gave_up(shared: SandboxServer, account: SandboxAccount) -> None:
    since = len(shared.control.log())
    shared.control.add_fault("mastodon", "delay", match="/statuses", seconds=2, before=True)
    with giving_up_after(0.2) as client, pytest.raises(httpx.ReadTimeout):
        publish(client, account)

    assert effects(shared, since) == []
    wait_until(lambda: effects(shared, since) == [("create", True)])


def test_a_cut_answer_had_promised_more(shared: SandboxServer, account: SandboxAccount) -> None:
    shared.control.add_fault("mastodon", "cut", match="/instance")
    address = urlsplit(account.base_url)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=5) as connection:
        connection.sendall(f"GET {address.path}/api/v2/instance HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        received = b"".join(iter(lambda: connection.recv(65_536), b""))

    head, _, body = received.partition(b"\r\n\r\n")
    promised = next(line for line in head.decode().lower().splitlines() if line.startswith("content-length"))
    assert 0 < len(body) < int(promised.partition(":")[2])


@pytest.mark.parametrize(
    ("fault", "status", "applied"),
    [
        ({"kind": "status", "status": 503, "body": "busy", "headers": {"Retry-After": 7}}, 503, False),
        ({"kind": "applied_status", "status": 500, "body": {"error": "oops"}}, 500, True),
        ({"kind": "html"}, 200, False),
        ({"kind": "html", "applied": True}, 200, True),
        ({"kind": "error_body"}, 200, False),
        ({"kind": "malformed"}, 200, True),
        ({"kind": "rate_limit", "retry_after": 60}, 429, False),
        ({"kind": "drip", "seconds": 0.001, "piece": 400}, 200, True),
    ],
)
def test_an_answer_can_be_wrong_in_many_ways(
    shared: SandboxServer,
    client: httpx.Client,
    account: SandboxAccount,
    fault: dict[str, Any],
    status: int,
    applied: bool,
) -> None:
    since = len(shared.control.log())
    shared.control.add_fault("mastodon", match="/statuses", **fault)
    answer = publish(client, account)

    assert answer.status_code == status
    assert effects(shared, since) == ([("create", True)] if applied else [("stopped", False)])
    assert ("content" in readable(answer)) is (fault["kind"] == "drip")


def readable(answer: httpx.Response) -> dict[str, object]:
    try:
        return dict(answer.json())
    except json.JSONDecodeError:
        return {}


@pytest.mark.parametrize("retry_after", [30, None, "soon", -1, 10**12])
def test_each_platform_refuses_in_its_own_form(
    shared: SandboxServer, client: httpx.Client, retry_after: object
) -> None:
    shared.control.clear_faults()
    answers = {}
    for platform in ("bluesky", "mastodon", "gotosocial", "telegram", "wordpress"):
        shared.control.add_fault(platform, "rate_limit", retry_after=retry_after)
        answers[platform] = client.get(f"{shared.url}/{platform}/anything")
    assert {answer.status_code for answer in answers.values()} == {429}

    known = retry_after is not None
    assert answers["bluesky"].headers.get("retry-after") == (str(retry_after) if known else None)
    assert answers["bluesky"].json()["error"] == "RateLimitExceeded"
    assert answers["telegram"].json().get("parameters") == ({"retry_after": retry_after} if known else None)
    assert ("x-ratelimit-reset" in answers["mastodon"].headers) is known
    assert answers["wordpress"].headers.get("retry-after") == (str(retry_after) if known else None)


def test_a_fault_meets_only_what_it_is_meant_for(
    shared: SandboxServer, client: httpx.Client, account: SandboxAccount
) -> None:
    shared.control.add_fault("mastodon", "status", times=2, match="/statuses", method="POST", status=502)
    shared.control.add_fault("telegram", "status", status=502)
    assert client.get(f"{account.base_url}/api/v2/instance").status_code == 200
    assert [publish(client, account).status_code for _ in range(3)] == [502, 502, 200]
    assert shared.control.clear_faults() == 1
    with pytest.raises(ControlRefused, match="no fault 'earthquake'"):
        shared.control.add_fault("mastodon", "earthquake")
    with pytest.raises(ControlRefused, match="no platform 'myspace'"):
        shared.control.add_fault("myspace", "cut")


def test_chance_is_the_same_for_the_same_seed() -> None:
    first = outcomes(seed=5)
    assert outcomes(seed=5) == first
    assert set(first) == {200, 503}


def outcomes(seed: int) -> list[int]:
    with SandboxServer(seed=seed) as sandbox, httpx.Client(trust_env=False) as client:
        sandbox.control.add_fault("mastodon", "status", times=1000, chance=0.4)
        return [client.get(f"{sandbox.url}/mastodon/api/v2/instance").status_code for _ in range(20)]


def test_every_one_of_many_lost_answers_is_in_the_log(shared: SandboxServer, account: SandboxAccount) -> None:
    since = len(shared.control.log())
    shared.control.add_fault("mastodon", "drop_after", times=40, match="/statuses")
    threads = [threading.Thread(target=publish_blindly, args=(account, number)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    entries = shared.control.log(since)
    assert sorted(entry.text for entry in entries if entry.applied) == sorted(
        f"post {number}-{turn}" for number in range(8) for turn in range(5)
    )
    assert [entry.seq for entry in entries] == list(range(since + 1, since + 41))


def publish_blindly(account: SandboxAccount, number: int) -> None:
    with httpx.Client(trust_env=False) as client:
        for turn in range(5):
            with pytest.raises(httpx.RemoteProtocolError):
                publish(client, account, f"post {number}-{turn}")
