"""What is ready and nobody takes, the planner publishes itself, however many hints were lost."""

from collections.abc import Sequence
from datetime import timedelta

from connectors.sandbox import SandboxServer
from scheduler.core.states import State
from scheduler.core.stopping import Scope, Target
from scheduler.services.delivery import planning
from scheduler.services.desk.pausing import pause, resume
from scheduler.services.members import allow_self_resuming, find_member
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.evidence.ledger import Signed
from scheduler.store.tables import Delivery
from scheduler.testing import FakeClock, RecordingDispatcher, add_delivery
from tests.services.working import connect_face, later, live, state_of, work


def test_what_no_worker_took_is_published_by_a_planner(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    channel = connect_face(runtime, sandbox, "bluesky")
    first, second, third = (add_delivery(runtime, channel, f"hint {number} was lost") for number in range(3))
    planning.tick(runtime, RecordingDispatcher(), chunk=100)
    clock.advance(timedelta(seconds=4))
    assert planning.drain(runtime, chunk=2) == 0
    clock.advance(timedelta(seconds=2))
    assert planning.drain(runtime, chunk=2) == 2
    assert [state_of(runtime, one) for one in (first, second, third)] == [
        State.PUBLISHED,
        State.PUBLISHED,
        State.READY,
    ]
    assert planning.drain(runtime, chunk=2) == 1
    assert planning.drain(runtime, chunk=2) == 0
    assert live(sandbox, "was lost") == 3


def test_what_is_paused_is_left_where_it_is(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "mastodon"), "not now")
    planning.tick(runtime, RecordingDispatcher(), chunk=100)
    pause(runtime, Target(scope=Scope.ALL), reason="a flood", by=find_member(runtime, "Lin"))
    clock.advance(timedelta(seconds=10))
    assert planning.drain(runtime, chunk=100) == 0
    assert state_of(runtime, delivery) == State.READY


def test_what_was_ready_when_a_pause_began_goes_out_a_minute_apart(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    """Until 2026-11-23 it stayed ready through the pause, and all of it left within seconds of the resume."""
    channel = connect_face(runtime, sandbox, "mastodon")
    for number in range(4):
        add_delivery(runtime, channel, f"ready {number}")
    planning.tick(runtime, RecordingDispatcher(), chunk=100)
    everything, lin = Target(scope=Scope.ALL), find_member(runtime, "Lin")
    allow_self_resuming(runtime, allowed=True, by=lin)
    pause(runtime, everything, reason="a flood", by=lin)
    clock.advance(timedelta(seconds=10))
    assert resume(runtime, everything, reason="over", by=lin).spaced == 4
    seen = []
    for _ in range(4):
        work(runtime)
        clock.advance(timedelta(seconds=30))
        planning.drain(runtime, chunk=100)
        seen.append(live(sandbox, "ready"))
        later(clock, sandbox, seconds=30)
    assert seen == [1, 2, 3, 4]


class AwayBroker:
    """Takes no hint."""

    def announce(self, delivery_ids: Sequence[int]) -> None:
        """Lose it."""
        raise planning.HintLost(f"{len(delivery_ids)} deliveries")


def test_without_a_broker_a_look_does_not_wait_behind_what_falls_due(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    """Each tick does one chunk here: what was left waited half a minute, and that again and again."""
    channel = connect_face(runtime, sandbox, "mastodon")
    doubtful = add_delivery(runtime, channel, "in doubt")
    planning.tick(runtime, RecordingDispatcher(), chunk=1)
    now = clock.now()
    with runtime.begin() as session:
        deliveries.claim(session, [doubtful], token="t", now=now, lease=runtime.lease)
        approved = {doubtful: session.get_one(Delivery, doubtful).approved_hash or ""}
        signed = Signed(worker="w", now=now)
        assert deliveries.mark_sending(session, approved, token="t", lease=runtime.lease, signed=signed)
    clock.advance(runtime.lease + timedelta(seconds=1))
    add_delivery(runtime, channel, "due now")
    planning.tick(runtime, AwayBroker(), chunk=1)
    assert (live(sandbox, "due now"), live(sandbox, "in doubt")) == (1, 0)
    clock.advance(timedelta(seconds=1))
    planning.tick(runtime, AwayBroker(), chunk=1)
    assert live(sandbox, "in doubt") == 1
