"""The control API: accounts, the clock, the log, and its use from another process."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connectors.sandbox import ControlRefused, SandboxControl, SandboxServer

SERVE = "from connectors.sandbox import serve; serve(seed=3, ready=lambda url: print(url, flush=True))"


def test_the_same_seed_gives_the_same_secrets() -> None:
    def secrets(seed: int) -> list[dict[str, str]]:
        with SandboxServer(seed=seed) as sandbox:
            platforms = ("bluesky", "mastodon", "gotosocial", "wordpress", "telegram")
            return [sandbox.control.create_account(platform, "centre").secret for platform in platforms]

    first = secrets(1)
    assert secrets(1) == first
    assert secrets(2) != first
    assert [set(secret) for secret in first] == [
        {"identifier", "password"},
        {"access_token"},
        {"access_token"},
        {"username", "application_password"},
        {"bot_token"},
    ]


def test_an_account_is_what_a_connector_needs(shared: SandboxServer) -> None:
    account = shared.control.create_account("gotosocial", "Centre-ar")

    assert (account.platform, account.base_url) == ("mastodon", f"{shared.url}/gotosocial")
    assert account.handle == "@centre_ar@gotosocial.sandbox"
    assert account.secret["access_token"] not in repr(account)
    with pytest.raises(ControlRefused, match="already has an account"):
        shared.control.create_account("gotosocial", "centre-ar")
    with pytest.raises(ControlRefused, match="no platform 'myspace'"):
        shared.control.create_account("myspace", "centre")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (lambda control: control.truth("404"), "no post '404'"),
        (lambda control: control.followers("mastodon", "@nobody"), "no mastodon account"),
        (lambda control: control.set_standing("mastodon", "@nobody", "ok"), "no mastodon account"),
        (lambda control: control.set_clock(datetime(2026, 11, 1)), "aware instant"),  # noqa: DTZ001  # the point
        (lambda control: control._run("explode"), "no command 'explode'"),
        (lambda control: control._run("react", times=2), "unexpected keyword"),
    ],
)
def test_a_wrong_command_is_refused_with_its_reason(
    shared: SandboxServer, command: object, words: str
) -> None:
    assert callable(command)
    with pytest.raises(ControlRefused, match=words):
        command(shared.control)


def test_the_clock_stands_still_until_it_is_let_go(sandbox: SandboxServer, client: httpx.Client) -> None:
    instant = datetime(2026, 10, 25, 8, 30, tzinfo=UTC)
    sandbox.control.set_clock(instant)
    channel = sandbox.control.create_account("telegram", "centre")
    url = f"{channel.base_url}/bot{channel.secret['bot_token']}/sendMessage"
    message = client.post(url, json={"chat_id": channel.handle, "text": "then"}).json()["result"]
    sandbox.control.set_clock(None)
    client.post(url, json={"chat_id": channel.handle, "text": "now"})

    assert message["date"] == instant.timestamp()
    then, now = sandbox.control.log()
    assert then.at == instant
    assert abs(datetime.now(UTC) - now.at) < timedelta(minutes=5)


def test_the_log_is_read_from_where_one_stopped(sandbox: SandboxServer, client: httpx.Client) -> None:
    channel = sandbox.control.create_account("telegram", "centre")
    url = f"{channel.base_url}/bot{channel.secret['bot_token']}/sendMessage"
    for text in ("a", "b", "c", ""):
        client.post(url, json={"chat_id": channel.handle, "text": text})

    assert [entry.text for entry in sandbox.control.log()][:3] == ["a", "b", "c"]
    rest = sandbox.control.log(since=2)
    assert [(entry.seq, entry.effect, entry.applied) for entry in rest] == [
        (3, "create", True),
        (4, "refused", False),
    ]
    assert channel.secret["bot_token"] not in repr(sandbox.control.log())


def test_it_is_served_and_steered_from_other_processes() -> None:
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        try:
            control = SandboxControl(url)
            account = control.create_account("mastodon", "centre")
            instance = httpx.get(f"{account.base_url}/api/v2/instance", trust_env=False)
            assert instance.json()["domain"] == "mastodon.sandbox"
        finally:
            process.terminate()
            process.communicate(timeout=60)


def test_a_person_with_curl_finds_the_commands(shared: SandboxServer, client: httpx.Client) -> None:
    commands = client.get(f"{shared.url}/_sandbox/").json()["result"]
    assert {"create_account", "set_clock", "react", "add_fault", "log", "posts", "truth"} <= commands.keys()
    made = client.post(f"{shared.url}/_sandbox/create_account", json={"platform": "bluesky", "name": "curl"})
    assert made.json()["result"]["handle"] == "curl.test"
    assert client.post(f"{shared.url}/_sandbox/posts").status_code == 200
    assert client.post(f"{shared.url}/_sandbox/log", content=b"{").status_code == 400


def test_two_sandboxes_do_not_share_a_port(shared: SandboxServer) -> None:
    port = int(shared.url.rpartition(":")[2])

    with pytest.raises(OSError, match="in use"), SandboxServer(port=port):
        pass
