"""What nobody sees is laid out before the due time: once, in steps that are kept, and never shown by it."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import update

from connectors.capabilities import Idempotency
from connectors.contract import Accepted, Key, Outgoing, Session, Staged
from connectors.sandbox import SandboxServer
from scheduler.core.lateness import Lateness
from scheduler.core.staging import AGAIN, AHEAD
from scheduler.core.states import State
from scheduler.core.stopping import Scope, Target
from scheduler.services.delivery.outgoing import MEDIA_GONE
from scheduler.services.delivery.staging import stage_early
from scheduler.services.desk.attention import attention
from scheduler.services.desk.causes import Remedy
from scheduler.services.desk.pausing import pause
from scheduler.services.desk.releasing import release
from scheduler.services.members import find_member
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.evidence.ledger import lines_of
from scheduler.store.tables import Asset, Delivery
from scheduler.testing import FakeClock, add_channel, add_delivery, approve_delivery
from tests.protocol.simulation.platform import SimulatedConnector, connector
from tests.services.working import add_image, connect_face, live, state_of, work

LATER = timedelta(minutes=30)
TOKEN = "t" * 32


def effects(sandbox: SandboxServer) -> list[str]:
    """What happened on the platforms, in order."""
    return [entry.effect for entry in sandbox.control.log()]


def scheduled(runtime: Runtime, sandbox: SandboxServer, text: str = "soon", face: str = "wordpress") -> int:
    """An approved delivery, due in half an hour."""
    return add_delivery(
        runtime, connect_face(runtime, sandbox, face), text, due_at=runtime.clock.now() + LATER
    )


def row(runtime: Runtime, delivery: int) -> Delivery:
    with runtime.begin() as session:
        return session.get_one(Delivery, delivery)


def test_a_draft_is_laid_out_ten_minutes_early_and_only_released_when_due(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    delivery = scheduled(runtime, sandbox)
    clock.advance(LATER - AHEAD - timedelta(seconds=1))
    work(runtime)
    assert effects(sandbox) == []
    clock.advance(timedelta(seconds=1))
    for _ in range(3):
        work(runtime)
    assert effects(sandbox) == ["draft"]
    assert state_of(runtime, delivery) == State.SCHEDULED
    assert sandbox.control.posts() == []
    assert row(runtime, delivery).staged_complete
    clock.advance(AHEAD)
    work(runtime)
    assert effects(sandbox) == ["draft", "create"]
    assert live(sandbox, "soon") == 1


@pytest.mark.parametrize("face", ["telegram", "bluesky", "mastodon"])
def test_a_post_with_nothing_to_lay_out_costs_no_call(
    face: str, runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    delivery = scheduled(runtime, sandbox, "plain words", face)
    assert row(runtime, delivery).stage_at is None
    clock.advance(LATER - timedelta(minutes=1))
    work(runtime)
    assert effects(sandbox) == []
    clock.advance(timedelta(minutes=1))
    work(runtime)
    assert live(sandbox, "plain words") == 1


def test_nothing_is_laid_out_unapproved_or_paused(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    delivery = scheduled(runtime, sandbox)
    pause(runtime, Target(scope=Scope.ALL), reason="a day of mourning", by=find_member(runtime, "Lin"))
    unapproved = add_delivery(
        runtime, row(runtime, delivery).channel_id, "not yet", due_at=clock.now() + LATER, approved=False
    )
    clock.advance(LATER - AHEAD)
    work(runtime)
    assert stage_early(runtime, [delivery, unapproved]) == 0
    assert effects(sandbox) == []


def test_images_are_uploaded_once_and_not_again_when_due(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    delivery = with_images(runtime, sandbox, "mastodon")
    clock.advance(LATER - AHEAD)
    work(runtime)
    assert effects(sandbox) == ["upload", "upload"]
    clock.advance(AHEAD)
    work(runtime)
    assert effects(sandbox) == ["upload", "upload", "create"]
    assert state_of(runtime, delivery) == State.PUBLISHED


def test_an_image_that_cannot_be_read_keeps_no_other_post_from_going_out(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    """Until 2026-11-23 anything but a missing file ended the whole batch, each time it was claimed."""
    delivery = with_images(runtime, sandbox, "mastodon")
    other = add_delivery(runtime, row(runtime, delivery).channel_id, "beside it", due_at=clock.now() + LATER)
    with runtime.begin() as session:
        session.execute(update(Asset).values(path="."))
    clock.advance(LATER)
    work(runtime)
    assert [state_of(runtime, one) for one in (delivery, other)] == [State.HELD, State.PUBLISHED]
    assert row(runtime, delivery).reason == MEDIA_GONE


def test_a_step_that_was_kept_is_not_done_again_after_a_failure(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    delivery = with_images(runtime, sandbox, "mastodon")
    clock.advance(LATER - AHEAD)
    sandbox.control.add_fault("mastodon", "delay", match="media", seconds=0)
    sandbox.control.add_fault("mastodon", "status", match="media", status=503)
    work(runtime)
    assert effects(sandbox) == ["upload", "stopped"]
    work(runtime)
    assert effects(sandbox) == ["upload", "stopped"]
    clock.advance(AGAIN)
    work(runtime)
    assert effects(sandbox) == ["upload", "stopped", "upload"]
    assert row(runtime, delivery).attempts == 0
    assert row(runtime, delivery).staged_complete


@pytest.mark.parametrize("of_other_bytes", [True, False])
def test_what_was_staged_of_other_bytes_or_too_long_ago_is_staged_again(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, of_other_bytes: bool
) -> None:
    delivery = with_images(runtime, sandbox, "mastodon", lateness=Lateness.EVERGREEN)
    clock.advance(LATER - AHEAD)
    work(runtime)
    if of_other_bytes:
        with runtime.begin() as session:
            session.get_one(Delivery, delivery).staged_for = "0" * 64
        clock.advance(AHEAD)
    else:
        clock.advance(timedelta(hours=13))
    work(runtime)
    assert effects(sandbox) == ["upload"] * 4 + ["create"]


def test_two_workers_do_not_lay_out_the_same_delivery_at_once(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    delivery = scheduled(runtime, sandbox)
    clock.advance(LATER - AHEAD)
    lease(runtime, delivery)
    assert stage_early(runtime, [delivery]) == 0
    clock.advance(runtime.lease + timedelta(seconds=1))
    assert stage_early(runtime, [delivery]) == 1


@pytest.mark.parametrize("meanwhile", ["edited", "claimed", "cancelled"])
def test_a_handle_that_comes_late_is_refused(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, meanwhile: str
) -> None:
    delivery = scheduled(runtime, sandbox)
    clock.advance(LATER - AHEAD)
    leased = lease(runtime, delivery)
    now = clock.now()
    with runtime.begin() as session:
        if meanwhile == "edited":
            assert deliveries.reschedule(session, session.get_one(Delivery, delivery), key="new", now=now)
        elif meanwhile == "cancelled":
            deliveries.cancel(session, [delivery], reason="", now=now)
        else:
            assert deliveries.make_ready(session, now=leased.due_at)
            assert deliveries.claim(session, [delivery], token="other", now=now, lease=runtime.lease)
    step = deliveries.Step(delivery=delivery, key=leased.key, hash="", handle={"post": "7"}, complete=True)
    with runtime.begin() as session:
        saved = deliveries.save_steps(session, [step], token=TOKEN, now=now, lease=runtime.lease)
    assert saved == set()
    assert row(runtime, delivery).staged == {}


def test_a_dead_secret_is_known_while_there_is_time_to_help(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    delivery = scheduled(runtime, sandbox)
    sandbox.control.set_standing("wordpress", "centre-wordpress", "revoked")
    clock.advance(LATER - AHEAD)
    work(runtime)
    assert state_of(runtime, delivery) == State.HELD
    (cause,) = attention(runtime, days=1)
    assert cause.remedy is Remedy.RECONNECT
    with runtime.begin() as session:
        assert [(line.kind, line.state) for line in lines_of(session, delivery)] == [("staging", "held")]
    sandbox.control.set_standing("wordpress", "centre-wordpress", "ok")
    release(runtime, [delivery], by=find_member(runtime, "Lin"))
    work(runtime)
    assert (state_of(runtime, delivery), effects(sandbox)[-1]) == (State.SCHEDULED, "draft")
    clock.advance(AHEAD)
    work(runtime)
    assert state_of(runtime, delivery) == State.PUBLISHED


def test_other_bytes_than_the_approved_ones_are_held_early(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    delivery = scheduled(runtime, sandbox)
    with runtime.begin() as session:
        session.get_one(Delivery, delivery).approved_hash = "0" * 64
    clock.advance(LATER - AHEAD)
    work(runtime)
    assert (state_of(runtime, delivery), row(runtime, delivery).reason) == (State.HELD, deliveries.CHANGED)
    assert effects(sandbox) == []


class Accepting(SimulatedConnector):
    """A platform of class C that takes everything and goes on working."""

    async def publish(
        self,
        session: Session,  # noqa: ARG002 - the contract's signature
        outgoing: Outgoing,  # noqa: ARG002
        key: Key,  # noqa: ARG002
        staged: Staged,  # noqa: ARG002
    ) -> Accepted:
        """Never visible."""
        return Accepted(handle={"job": "7"}, again_s=60)


def test_what_names_an_accepted_post_is_kept_beside_what_was_staged(
    runtime: Runtime, clock: FakeClock
) -> None:
    simulated = connector(Idempotency.CONTAINER, Random(1), clock.now)  # noqa: S311 - chooses nothing here
    accepting = Accepting(simulated.platform, simulated.capabilities)
    desk = replace(runtime, connectors={"class-c": accepting})
    channel = add_channel(
        desk, "class-c", base_url="https://platform.invalid", handle="centre", secret={"token": "t"}
    )
    delivery = add_delivery(desk, channel, "slow")
    work(desk)
    assert state_of(desk, delivery) == State.PROCESSING
    assert row(desk, delivery).staged == {"object": "1", "job": "7"}


def lease(runtime: Runtime, delivery: int) -> Delivery:
    """Let another worker begin to lay it out."""
    with runtime.begin() as session:
        (leased,) = deliveries.lease_stagings(
            session, [delivery], token=TOKEN, now=runtime.clock.now(), lease=runtime.lease
        )
    return leased


def with_images(
    runtime: Runtime, sandbox: SandboxServer, face: str, *, lateness: Lateness = Lateness.NORMAL
) -> int:
    """An approved delivery with two images, due in half an hour."""
    channel, due_at = connect_face(runtime, sandbox, face), runtime.clock.now() + LATER
    delivery = add_delivery(runtime, channel, "two", due_at=due_at, lateness=lateness, approved=False)
    with runtime.begin() as session:
        for position in range(2):
            add_image(session, runtime, session.get_one(Delivery, delivery).variant_id, position)
        session.flush()
        approve_delivery(session, runtime, delivery)
    return delivery
