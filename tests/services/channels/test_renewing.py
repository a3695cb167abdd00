"""Tokens that lapse and rotate: one renewal at a time, none lost by a death, no channel given up in error."""

import base64
import json
import stat
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from config.settings import Settings
from connectors.contract import Renewed
from connectors.errors import ConnectorError, NeedsReconnect, NotSent, RateLimited
from connectors.sandbox import SandboxServer
from scheduler.services import failpoints
from scheduler.services.channels.connecting import connect
from scheduler.services.channels.credentials import ReadyChannel, expire, mark_dead, store_secret
from scheduler.services.channels.renewing import BEING_RENEWED, prepare_channels, renew_early, shift_leases
from scheduler.services.members import find_member
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Channel, Credential
from scheduler.testing import FakeClock, add_delivery
from tests.services.working import connect_face, dying_at, state_of, work
from workers.bootstrap import open_runtime

WORKERS = 8


@pytest.fixture
def channel(runtime: Runtime, sandbox: SandboxServer) -> int:
    """A channel whose refresh tokens are good for one use, and whose password no longer works."""
    channel_id = connect_face(runtime, sandbox, "bluesky")
    sandbox.control.set_rotation(strict=True)
    ready = prepare_channels(runtime, [channel_id])[channel_id]
    assert isinstance(ready, ReadyChannel)
    changed = {**ready.secret.secret, "password": "no longer"}
    with runtime.begin() as session:
        renewed = Renewed(secret=changed, expires_at=ready.secret.expires_at)
        store_secret(session, runtime, channel_id, renewed)
    return channel_id


@pytest.fixture
def later(clock: FakeClock, sandbox: SandboxServer) -> Callable[..., None]:
    """Lets time pass, here and on the platform."""

    def advance(**by: float) -> None:
        clock.advance(timedelta(**by))
        sandbox.control.set_clock(clock.now())

    return advance


def prepared(runtime: Runtime, channel: int) -> ReadyChannel | ConnectorError:
    return prepare_channels(runtime, [channel])[channel]


def session_number(ready: ReadyChannel | ConnectorError) -> int:
    """Which session of the sandbox, in the order it opened them, this token is of."""
    assert isinstance(ready, ReadyChannel), ready
    claims = ready.secret.secret["access_jwt"].split(".")[1]
    return int(json.loads(base64.urlsafe_b64decode(claims + "=="))["nonce"])


def health(runtime: Runtime) -> str:
    with runtime.begin() as session:
        return session.scalars(select(Credential.health)).one()


def spooled(settings: Settings) -> list[Path]:
    return list((settings.data / "renewed").glob("*"))


def test_eight_workers_ask_for_one_renewal(
    settings: Settings,
    runtime: Runtime,
    clock: FakeClock,
    sandbox: SandboxServer,
    channel: int,
    later: Callable[..., None],
) -> None:
    later(hours=3)
    sandbox.control.add_fault("bluesky", "delay", match="refreshSession", seconds=0.3, before=True)
    answers: list[ReadyChannel | ConnectorError] = []
    together = threading.Barrier(WORKERS)

    def worker() -> None:
        own = open_runtime(settings, clock=clock)
        together.wait()
        answers.append(prepared(own, channel))
        own.close()

    workers = [threading.Thread(target=worker) for _ in range(WORKERS)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    renewed = [one for one in answers if isinstance(one, ReadyChannel)]
    waiting = [one for one in answers if isinstance(one, RateLimited)]
    assert renewed
    assert {session_number(one) for one in renewed} == {2}
    assert len(renewed) + len(waiting) == WORKERS
    assert {one.reason for one in waiting} <= {BEING_RENEWED}
    assert health(runtime) == "ok"
    assert not [entry for entry in sandbox.control.log() if entry.effect == "refused"]


def test_a_death_after_the_answer_loses_no_token(
    settings: Settings, runtime: Runtime, clock: FakeClock, channel: int, later: Callable[..., None]
) -> None:
    later(hours=3)
    with dying_at("renewal_spooled"):
        prepared(runtime, channel)
    [file] = spooled(settings)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"eyJ" not in file.read_bytes()
    restarted = open_runtime(settings, clock=clock)
    assert session_number(prepared(restarted, channel)) == 2
    restarted.close()
    assert spooled(settings) == []
    later(hours=3)
    assert session_number(prepared(runtime, channel)) == 3


def reconnect(runtime: Runtime, sandbox: SandboxServer, channel: int) -> None:
    account = sandbox.control.create_account("bluesky", "another")
    with runtime.begin() as session:
        session.get_one(Channel, channel).remote_id = account.remote_id
        name = session.get_one(Channel, channel).name
    connect(runtime, name, json.dumps(account.secret), by=find_member(runtime, "Lin"))


def test_what_a_person_connected_after_a_death_stays_though_the_clock_went_back(
    settings: Settings, runtime: Runtime, sandbox: SandboxServer, channel: int, later: Callable[..., None]
) -> None:
    later(hours=3)
    with dying_at("renewal_spooled"):
        prepared(runtime, channel)
    later(hours=-1)
    reconnect(runtime, sandbox, channel)
    assert session_number(prepared(runtime, channel)) == 3
    assert spooled(settings) == []


def test_what_a_person_connected_meanwhile_stays(
    settings: Settings, runtime: Runtime, sandbox: SandboxServer, channel: int, later: Callable[..., None]
) -> None:
    def come_first() -> None:
        later(seconds=1)
        reconnect(runtime, sandbox, channel)

    later(hours=3)
    failpoints.arm("renewal_spooled", come_first)
    assert session_number(prepared(runtime, channel)) == 3
    assert spooled(settings) == []


def test_a_refusal_of_a_token_that_somebody_else_renewed_gives_nothing_up(
    runtime: Runtime, clock: FakeClock, channel: int, later: Callable[..., None]
) -> None:
    old = prepared(runtime, channel)
    assert isinstance(old, ReadyChannel)
    later(hours=3)
    new = prepared(runtime, channel)
    assert isinstance(new, ReadyChannel)
    with runtime.begin() as session:
        assert mark_dead(session, [old]) == 0
        expire(session, [old], now=clock.now())
    assert health(runtime) == "ok"
    assert session_number(prepared(runtime, channel)) == session_number(new)


def test_a_renewal_that_is_refused_gives_the_channel_up(
    runtime: Runtime, sandbox: SandboxServer, channel: int, later: Callable[..., None]
) -> None:
    later(hours=3)
    sandbox.control.set_standing("bluesky", "centre-bluesky", "revoked")
    assert isinstance(prepared(runtime, channel), NeedsReconnect)
    assert health(runtime) == "needs_reconnect"


def test_a_platform_in_trouble_disconnects_nobody(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, channel: int, later: Callable[..., None]
) -> None:
    delivery = add_delivery(runtime, channel, "in trouble", due_at=clock.now() + timedelta(hours=2))
    later(hours=1, minutes=59)
    sandbox.control.add_fault("bluesky", "status", match="refreshSession", status=503)
    assert session_number(prepared(runtime, channel)) == 1
    later(minutes=1)
    sandbox.control.add_fault("bluesky", "status", match="refreshSession", status=502)
    assert isinstance(prepared(runtime, channel), NotSent)
    later(seconds=5)
    assert isinstance(prepared(runtime, channel), RateLimited)
    assert health(runtime) == "ok"
    later(seconds=6)
    work(runtime)
    assert state_of(runtime, delivery) == "published"


def test_a_value_the_platform_leaves_empty_stays_as_it_was(
    runtime: Runtime, sandbox: SandboxServer, channel: int, later: Callable[..., None]
) -> None:
    before = prepared(runtime, channel)
    assert isinstance(before, ReadyChannel)
    later(hours=3)
    session = {"accessJwt": "new", "refreshJwt": "", "did": "did:plc:x", "handle": "x", "active": True}
    sandbox.control.add_fault(
        "bluesky",
        "status",
        match="refreshSession",
        status=200,
        body=json.dumps(session),
        headers={"content-type": "application/json"},
    )
    after = prepared(runtime, channel)
    assert isinstance(after, ReadyChannel)
    assert after.secret.secret["access_jwt"] == "new"
    assert after.secret.secret["refresh_jwt"] == before.secret.secret["refresh_jwt"]


def test_the_planner_renews_before_publishing_must(
    runtime: Runtime, channel: int, later: Callable[..., None]
) -> None:
    assert renew_early(runtime) == 0
    later(hours=1, minutes=50)
    assert renew_early(runtime) == 1
    assert renew_early(runtime) == 0
    assert session_number(prepared(runtime, channel)) == 2


def test_what_is_renewed_after_the_clock_went_back_is_kept(
    runtime: Runtime, channel: int, clock: FakeClock
) -> None:
    before = prepared(runtime, channel)
    assert isinstance(before, ReadyChannel)
    clock.set(clock.now() - timedelta(hours=1))
    with runtime.begin() as session:
        expire(session, [before], now=clock.now())
    assert session_number(prepared(runtime, channel)) == 2
    assert session_number(prepared(runtime, channel)) == 2
    assert health(runtime) == "ok"


def test_a_turn_to_renew_that_was_given_before_the_clock_went_back_lapses(
    runtime: Runtime, channel: int, later: Callable[..., None]
) -> None:
    later(hours=2)
    with dying_at("renewal_leased"):
        prepared(runtime, channel)
    later(hours=-1)
    with runtime.begin() as session:
        session.execute(update(Credential).values(expires_at=runtime.clock.now()))
    assert session_number(prepared(runtime, channel)) == 2


def test_a_jump_ahead_gives_nobody_a_second_turn_to_renew(
    runtime: Runtime, channel: int, later: Callable[..., None], clock: FakeClock
) -> None:
    later(hours=2)
    with dying_at("renewal_leased"):
        prepared(runtime, channel)
    hour = timedelta(hours=1)
    clock.set(clock.now() + hour)
    with runtime.begin() as session:
        shift_leases(session, by=hour, now=clock.now())
    waits = prepared(runtime, channel)
    assert isinstance(waits, RateLimited)
    assert waits.reason == BEING_RENEWED
