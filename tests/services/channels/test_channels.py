"""Channels from a table, and their connection to real accounts."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.sandbox import SandboxServer
from scheduler.core.problems import Refused
from scheduler.services.channels.connecting import connect
from scheduler.services.channels.enrolling import import_channels
from scheduler.services.channels.matrix import ChannelLine, list_channels
from scheduler.services.members import add_member
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Credential
from tests.services.tables import (
    ONE_DATABASE,
    admin,
    blocking,
    channel_rows,
    enrol,
    enrol_connected,
    told,
    write_table,
)


def by_name(runtime: Runtime) -> dict[str, ChannelLine]:
    return {line.channel: line for line in list_channels(runtime)}


def test_the_same_table_twice_adds_nothing(runtime: Runtime, tmp_path: Path) -> None:
    table = write_table(tmp_path / "channels.csv", channel_rows())
    first = import_channels(runtime, table, by=admin(runtime))
    assert first.added == ("cairo", "london", "mexico", "taipei")
    second = import_channels(runtime, table, by=admin(runtime))
    assert (second.added, second.changed, second.unchanged) == ((), (), first.added)
    assert len(list_channels(runtime)) == 4


def test_values_are_stored_in_their_canonical_form(runtime: Runtime, tmp_path: Path) -> None:
    row = channel_rows()[0] | {
        "platform": "Bluesky",
        "base_url": "https://social.example/",
        "language": "AR-eg",
        "region": "eg",
        "sets": "launch，culture, launch",
    }
    enrol(runtime, tmp_path, [row])
    line = by_name(runtime)["cairo"]
    assert (line.platform, line.base_url, line.language) == ("bluesky", "https://social.example", "ar-EG")
    assert (line.region, line.sets) == ("EG", ("launch", "culture"))


def test_a_changed_row_changes_its_channel_only(runtime: Runtime, tmp_path: Path) -> None:
    enrol(runtime, tmp_path)
    rows = channel_rows()
    rows[1] |= {"operator": "Zhao Min", "time_zone": "Europe/Dublin"}
    done = import_channels(runtime, write_table(tmp_path / "again.csv", rows), by=admin(runtime))
    assert done.changed == ("london",)
    assert by_name(runtime)["london"].operator == "Zhao Min"
    assert by_name(runtime)["cairo"].operator == "Wang Lin"


@ONE_DATABASE
def test_all_problems_of_all_rows_are_told_and_nothing_is_stored(runtime: Runtime, tmp_path: Path) -> None:
    rows = channel_rows()
    rows[0] |= {"platform": "blusky", "base_url": "http://social.example", "language": "arabish"}
    rows[1] |= {"region": "Europe", "time_zone": "Europe/Londn", "operator": ""}
    rows[2] |= {"channel": "mexico, city", "handle": ""}
    rows.append(channel_rows()[3])
    with pytest.raises(Refused) as refused:
        enrol(runtime, tmp_path, rows)
    assert [(row, column) for row, column, _ in blocking(refused.value)] == [
        (2, "platform"),
        (2, "base_url"),
        (2, "language"),
        (3, "region"),
        (3, "time_zone"),
        (3, "operator"),
        (4, "channel"),
        (4, "handle"),
        (6, "channel"),
        (6, "handle"),
    ]
    words = str(refused.value)
    assert "did you mean “bluesky”" in words
    assert "did you mean “Europe/London”" in words
    assert list_channels(runtime) == []


@ONE_DATABASE
def test_a_column_that_is_unknown_or_missing_is_named(runtime: Runtime, tmp_path: Path) -> None:
    rows = [{("timezone" if key == "time_zone" else key): cell for key, cell in channel_rows()[0].items()}]
    with pytest.raises(Refused) as refused:
        enrol(runtime, tmp_path, rows)
    assert blocking(refused.value) == [
        (1, "timezone", "unknown column timezone: did you mean time_zone?"),
        (1, "time_zone", "the column time_zone is missing"),
    ]


@ONE_DATABASE
@pytest.mark.parametrize("address", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]/x"])
def test_a_server_on_this_machine_may_be_unencrypted(runtime: Runtime, tmp_path: Path, address: str) -> None:
    enrol(runtime, tmp_path, channel_rows(address)[:1])
    assert by_name(runtime)["cairo"].base_url == address


def test_one_account_is_not_two_channels(runtime: Runtime, tmp_path: Path) -> None:
    enrol(runtime, tmp_path)
    other = channel_rows()[0] | {"channel": "cairo-2", "handle": "@Cairo"}
    with pytest.raises(Refused) as refused:
        enrol(runtime, tmp_path, [other])
    assert blocking(refused.value) == [(2, "handle", "this account is channel cairo already")]


@ONE_DATABASE
def test_only_publishers_and_admins_change_channels(runtime: Runtime, tmp_path: Path) -> None:
    editor = add_member(runtime, "Bo", "editor", by=admin(runtime))
    table = write_table(tmp_path / "channels.csv", channel_rows())
    with pytest.raises(Refused, match="that takes publisher, admin"):
        import_channels(runtime, table, by=editor)


def test_connecting_learns_who_the_channel_is(
    runtime: Runtime, sandbox: SandboxServer, tmp_path: Path
) -> None:
    enrol_connected(runtime, tmp_path, sandbox)
    lines = by_name(runtime)
    assert {line.health for line in lines.values()} == {"ok"}
    assert all(line.connected_at == runtime.clock.now() for line in lines.values())
    assert lines["cairo"].url.startswith("https://bsky.app/profile/")


def test_the_secret_is_stored_sealed(runtime: Runtime, sandbox: SandboxServer, tmp_path: Path) -> None:
    enrol_connected(runtime, tmp_path, sandbox)
    with runtime.begin() as session:
        stored = session.scalars(select(Credential.ciphertext)).all()
    secrets = [runtime.vault.open(one) for one in stored]
    assert len(secrets) == 4
    for secret in secrets:
        assert not any(value in ciphertext for value in secret.values() for ciphertext in stored)


def test_a_connected_channel_stays_the_account_it_is(
    runtime: Runtime, sandbox: SandboxServer, tmp_path: Path
) -> None:
    enrol_connected(runtime, tmp_path, sandbox)
    line = by_name(runtime)["cairo"]
    row = channel_rows()[0] | {"base_url": line.base_url, "handle": "somebody-else"}
    with pytest.raises(Refused) as refused:
        enrol(runtime, tmp_path, [row])
    ((row_number, column, words),) = blocking(refused.value)
    assert (row_number, column) == (2, "handle")
    assert f"is connected as {line.handle}" in words


@pytest.fixture
def london(runtime: Runtime, sandbox: SandboxServer, tmp_path: Path) -> dict[str, str]:
    """The secret of a Bluesky account whose channel is imported, not connected."""
    account = sandbox.control.create_account("bluesky", "london")
    enrol(runtime, tmp_path, [channel_rows(account.base_url)[1] | {"handle": account.handle}])
    return dict(account.secret)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("", "must be a JSON object with identifier, password"),
        ("not json", "must be a JSON object"),
        ("[1]", "must be a JSON object"),
        ('{"identifier": "x"}', "lacks password"),
        ('{"identifier": "x", "password": ""}', "password of the secret must be a text"),
        ('{"identifier": "x", "password": 7}', "password of the secret must be a text"),
        ('{"identifier": "x", "password": "hunter2", "pin": "1"}', "unknown field pin"),
        ('{"identifier": "x", "password": "hunter2"}', "does not accept this secret"),
    ],
)
def test_a_secret_that_does_not_work_is_refused_and_never_shown(
    runtime: Runtime, london: dict[str, str], secret: str, words: str
) -> None:
    with pytest.raises(Refused) as refused:
        connect(runtime, "london", secret, by=admin(runtime))
    assert words in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert by_name(runtime)["london"].connected_at is None


@ONE_DATABASE
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("html", "is base_url of london right?"),
        ("drop_before", "cannot be reached"),
        ("malformed", "does not answer as"),
    ],
)
def test_what_is_not_the_platform_is_told_apart(
    runtime: Runtime, sandbox: SandboxServer, london: dict[str, str], fault: str, words: str
) -> None:
    sandbox.control.add_fault("bluesky", fault, times=10)
    with pytest.raises(Refused) as refused:
        connect(runtime, "london", json.dumps(london), by=admin(runtime))
    assert words in str(refused.value)
    assert london["password"] not in str(refused.value)


@ONE_DATABASE
def test_a_web_page_instead_of_an_api_is_told(
    runtime: Runtime, sandbox: SandboxServer, tmp_path: Path
) -> None:
    account = sandbox.control.create_account("mastodon", "mexico")
    enrol(runtime, tmp_path, [channel_rows(account.base_url)[2] | {"handle": account.handle}])
    sandbox.control.add_fault("mastodon", "html", times=10)
    with pytest.raises(Refused, match="answers with a web page, not as Mastodon does"):
        connect(runtime, "mexico", json.dumps(dict(account.secret)), by=admin(runtime))


@ONE_DATABASE
def test_a_server_that_is_not_there_is_told(runtime: Runtime, tmp_path: Path) -> None:
    enrol(runtime, tmp_path, channel_rows("http://127.0.0.1:9")[1:2])
    with pytest.raises(Refused, match=r"127\.0\.0\.1 cannot be reached for london"):
        connect(runtime, "london", '{"identifier": "x", "password": "y"}', by=admin(runtime))


def test_a_secret_of_another_account_is_refused(
    runtime: Runtime, sandbox: SandboxServer, london: dict[str, str]
) -> None:
    connect(runtime, "london", json.dumps(london), by=admin(runtime))
    stranger = sandbox.control.create_account("bluesky", "stranger")
    with pytest.raises(Refused, match="add a new channel for another account"):
        connect(runtime, "london", json.dumps(dict(stranger.secret)), by=admin(runtime))


def test_an_account_that_is_a_channel_already_is_refused(
    runtime: Runtime, sandbox: SandboxServer, tmp_path: Path, london: dict[str, str]
) -> None:
    connect(runtime, "london", json.dumps(london), by=admin(runtime))
    base_url = by_name(runtime)["london"].base_url
    enrol(runtime, tmp_path, [channel_rows(base_url)[0]])
    with pytest.raises(Refused, match="which is channel london already"):
        connect(runtime, "cairo", json.dumps(london), by=admin(runtime))


@ONE_DATABASE
def test_a_handle_that_the_platform_does_not_know_is_advice(
    runtime: Runtime, sandbox: SandboxServer, tmp_path: Path
) -> None:
    account = sandbox.control.create_account("bluesky", "london")
    enrol(runtime, tmp_path, [channel_rows(account.base_url)[1] | {"handle": "londres"}])
    _, advice = connect(runtime, "london", json.dumps(dict(account.secret)), by=admin(runtime))
    assert [told(problem)[2] for problem in advice] == [
        f"Bluesky calls this account {account.handle}; the channel's handle says londres"
    ]
