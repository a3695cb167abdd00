"""Stopping, deciding and taking back on the command line."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from config.settings import Settings
from connectors.sandbox import SandboxServer
from scheduler.cli import attention, members, pausing, queue, recall
from scheduler.cli.app import Invocation, app
from scheduler.core.problems import Refused
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Post
from scheduler.testing import add_delivery
from tests.services.tables import ONE_DATABASE
from tests.services.working import add_person, connect_face, state_of, work

MODULES = (attention, members, pausing, queue, recall)
pytestmark = ONE_DATABASE

Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings, runtime: Runtime) -> Run:
    """Run one command, which ends with status 0 unless said otherwise; a refusal is raised as it is."""
    invocation = Invocation(settings=settings, open_runtime=lambda _: runtime)

    def run(*arguments: str, status: int = 0) -> Result:
        result = CliRunner().invoke(app, arguments, obj=invocation)
        if isinstance(result.exception, Refused):
            raise result.exception
        assert result.exit_code == status, result.output
        return result

    return run


@pytest.fixture
def telegram(runtime: Runtime, sandbox: SandboxServer) -> int:
    return connect_face(runtime, sandbox, "telegram")


def parsed(result: Result) -> Any:
    return json.loads(result.stdout)


def only_post(runtime: Runtime) -> str:
    with runtime.begin() as session:
        return session.scalars(select(Post.ref)).one()


def test_pausing_and_resuming(run: Run, runtime: Runtime, telegram: int) -> None:
    add_person(runtime, "Mei")
    delivery = add_delivery(runtime, telegram, "stopped")
    run("pause", "--platform", "telegram", "--reason", "an earthquake")
    work(runtime)
    (line,) = parsed(run("pauses", "--json"))
    assert (line["scope"], line["name"], line["waiting"]) == ("platform", "telegram", 1)
    assert "an earthquake" in run("pauses").stdout
    assert "Still paused" in run("resume", "--platform", "telegram", "--reason", "over").stdout
    assert "Lin asked" in run("pauses").stdout
    done = run("resume", "--platform", "telegram", "--reason", "over", "--as", "Mei").stdout
    assert "Resumed: platform telegram. 1 due" in done
    work(runtime)
    assert state_of(runtime, delivery) == "published"
    assert "Nothing is paused" in run("pauses").stdout
    assert "resumed by Mei" in run("pauses", "--all").stdout


def test_one_scope_is_named(run: Run, runtime: Runtime) -> None:
    for scopes in ([], ["--all", "--platform", "telegram"]):
        with pytest.raises(Refused, match="name one of --all"):
            run("pause", *scopes, "--reason", "why")
    assert "One person" in run("members", "self-resuming", "--allow").stdout
    run("pause", "--all", "--reason", "a test")
    assert "Resumed: everything" in run("resume", "--all", "--reason", "over").stdout


def test_a_doubt_is_shown_and_resolved(
    run: Run, runtime: Runtime, sandbox: SandboxServer, telegram: int
) -> None:
    assert "Nothing waits" in run("attention").stdout
    delivery = add_delivery(runtime, telegram, "doubtful")
    sandbox.control.add_fault("telegram", "drop_after", match="sendMessage", method="POST")
    work(runtime)
    (cause,) = parsed(run("attention", "--json"))
    assert (cause["state"], cause["count"], cause["remedy"]) == ("unconfirmed", 1, "resolve")
    assert cause["command"] in run("attention").stdout
    with pytest.raises(Refused, match="name one of --published"):
        run("resolve", str(delivery), "--absent", "--send-again", "--reason", "why")
    with pytest.raises(Refused, match="may still appear"):
        run("resolve", str(delivery), "--send-again", "--reason", "why")
    link = "https://t.me/centre/1"
    assert "published" in run("resolve", str(delivery), "--published", link, "--reason", "seen").stdout
    assert state_of(runtime, delivery) == "published"


def test_a_recall_shows_receipts_and_fails_while_something_is_left(
    run: Run, runtime: Runtime, sandbox: SandboxServer
) -> None:
    add_delivery(runtime, connect_face(runtime, sandbox, "mastodon"), "wrong")
    work(runtime)
    sandbox.control.set_standing("mastodon", "centre_mastodon", "revoked")
    command = ("recall", only_post(runtime), "--reason", "a wrong figure")
    (line,) = parsed(run(*command, "--json", status=1))
    assert line["receipt"] == "person"
    shown = run(*command, status=1).stdout
    assert "delete by hand" in shown
    assert "0 of 1" in shown
    sandbox.control.set_standing("mastodon", "centre_mastodon", "ok")
    assert "1 of 1" in run(*command).stdout
    assert sandbox.control.posts() == []
    assert "recalled" in run("queue", "--all").stdout
