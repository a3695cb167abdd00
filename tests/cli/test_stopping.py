"""Stopping, deciding and taking back on the command line."""

import json

import pytest
from sqlalchemy import select

from connectors.sandbox import SandboxServer
from scheduler.cli import attention, members, pausing, queue, recall, release
from scheduler.core.problems import Refused
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.evidence.ledger import Signed
from scheduler.store.tables import Post
from scheduler.testing import FakeClock, add_delivery
from tests.cli.running import Run
from tests.services.tables import ONE_DATABASE
from tests.services.working import add_person, connect_face, state_of, work

MODULES = (attention, members, pausing, queue, recall, release)
pytestmark = ONE_DATABASE


@pytest.fixture
def telegram(runtime: Runtime, sandbox: SandboxServer) -> int:
    return connect_face(runtime, sandbox, "telegram")


def only_post(runtime: Runtime) -> str:
    with runtime.begin() as session:
        return session.scalars(select(Post.ref)).one()


def test_pausing_and_resuming(run: Run, runtime: Runtime, telegram: int) -> None:
    add_person(runtime, "Mei")
    delivery = add_delivery(runtime, telegram, "stopped")
    run("pause", "--platform", "telegram", "--reason", "an earthquake")
    work(runtime)
    (line,) = json.loads(run("pauses", "--json"))
    assert (line["scope"], line["name"], line["waiting"]) == ("platform", "telegram", 1)
    assert "an earthquake" in run("pauses")
    assert "paused: platform" in run("queue")
    assert "Still paused" in run("resume", "--platform", "telegram", "--reason", "over")
    assert "Lin asked" in run("pauses")
    done = run("resume", "--platform", "telegram", "--reason", "over", "--as", "Mei")
    assert "Resumed: platform telegram. 1 due" in done
    work(runtime)
    assert state_of(runtime, delivery) == "published"
    assert "  sending  " in run("show", str(delivery))
    assert "Nothing is paused" in run("pauses")
    assert "resumed by Mei" in run("pauses", "--all")


def test_who_pauses_again_is_told_since_when_by_whom_and_why(run: Run, runtime: Runtime) -> None:
    add_person(runtime, "Mei")
    assert "already" not in run("pause", "--all", "--reason", "a storm")
    told = run("pause", "--all", "--reason", "a flood", "--as", "Mei")
    assert "paused already, since 2026-11-16 16:00 Shanghai by Lin: a storm. One resume ends" in told
    run("resume", "--all", "--reason", "over")
    assert run("resume", "--all", "--reason", "over", "--as", "Mei").startswith("Resumed: everything.")
    assert "Nothing is paused" in run("pauses")
    assert run("pauses", "--all").count("resumed by Mei") == 2


def test_one_scope_is_named(run: Run, runtime: Runtime) -> None:
    for scopes in ([], ["--all", "--platform", "telegram"]):
        with pytest.raises(Refused, match="name one of --all"):
            run("pause", *scopes, "--reason", "why")
    assert "One person" in run("members", "self-resuming", "--allow")
    run("pause", "--all", "--reason", "a test")
    assert "Resumed: everything" in run("resume", "--all", "--reason", "over")


def test_all_that_is_held_is_released_though_a_channel_is_named_too(
    run: Run, runtime: Runtime, sandbox: SandboxServer, clock: FakeClock, telegram: int
) -> None:
    other = connect_face(runtime, sandbox, "mastodon")
    held = [add_delivery(runtime, channel, f"held on {channel}") for channel in (telegram, other)]
    with runtime.begin() as session:
        deliveries.hold_planned(session, signed=Signed(worker="Lin", now=clock.now()))
    with pytest.raises(Refused, match="or --all"):
        run("release")
    assert "released: 2 of 2" in run("release", "--all", "--channel", "telegram")
    work(runtime)
    assert [state_of(runtime, one) for one in held] == ["published"] * 2


def test_a_doubt_is_shown_and_resolved(
    run: Run, runtime: Runtime, sandbox: SandboxServer, telegram: int
) -> None:
    assert "Nothing waits" in run("attention")
    delivery = add_delivery(runtime, telegram, "doubtful")
    sandbox.control.add_fault("telegram", "drop_after", match="sendMessage", method="POST")
    work(runtime)
    (cause,) = json.loads(run("attention", "--json"))
    assert (cause["state"], cause["count"], cause["remedy"]) == ("unconfirmed", 1, "resolve")
    assert cause["command"] in run("attention")
    with pytest.raises(Refused, match="name one of --published"):
        run("resolve", str(delivery), "--absent", "--send-again", "--reason", "why")
    with pytest.raises(Refused, match="may still appear"):
        run("resolve", str(delivery), "--send-again", "--reason", "why")
    link = "https://t.me/centre/1"
    assert "published" in run("resolve", str(delivery), "--published", link, "--reason", "seen")
    assert state_of(runtime, delivery) == "published"


def test_a_recall_shows_receipts_and_fails_while_something_is_left(
    run: Run, runtime: Runtime, sandbox: SandboxServer
) -> None:
    add_delivery(runtime, connect_face(runtime, sandbox, "mastodon"), "wrong")
    work(runtime)
    sandbox.control.set_standing("mastodon", "centre_mastodon", "revoked")
    command = ("recall", only_post(runtime), "--reason", "a wrong figure")
    (line,) = json.loads(run(*command, "--json", status=1))
    assert line["receipt"] == "person"
    shown = run(*command, status=1)
    assert "delete by hand" in shown
    assert "0 of 1" in shown
    sandbox.control.set_standing("mastodon", "centre_mastodon", "ok")
    assert "1 of 1" in run(*command)
    assert sandbox.control.posts() == []
    assert "recalled" in run("queue", "--all")
