"""A clock that jumps sends nothing, early or twice, and breaks no lease; a machine that is off waits."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.sandbox import SandboxServer
from scheduler.core.lateness import Lateness
from scheduler.core.problems import Refused
from scheduler.core.roles import Person
from scheduler.services.delivery import planning, stepping
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries, leases
from scheduler.store.clock import WatchedClock
from scheduler.store.evidence.ledger import Signed, lines_of
from scheduler.store.tables import Delivery
from scheduler.testing import FakeClock, RecordingDispatcher, add_delivery
from tests.services.working import add_person, connect_face, live, state_of, work

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def soon(runtime: Runtime, sandbox: SandboxServer, clock: FakeClock) -> int:
    """Due in half an hour, of no use 15 minutes after that."""
    channel = connect_face(runtime, sandbox, "mastodon")
    return add_delivery(runtime, channel, "soon", due_at=clock.now() + 30 * MINUTE, lateness=Lateness.LIVE)


def take(runtime: Runtime, delivery_id: int, state: str) -> None:
    """Let a process claim, and begin to send where asked, then fall silent."""
    now = runtime.clock.now()
    with runtime.begin() as session:
        (row,) = deliveries.claim(session, [delivery_id], token="t", now=now, lease=runtime.lease)
        if state == "sending":
            signed = Signed(worker="w", now=now)
            hashes = {row.id: row.approved_hash or ""}
            assert deliveries.mark_sending(session, hashes, token="t", lease=runtime.lease, signed=signed)


def hash_of(runtime: Runtime, delivery_id: int) -> str:
    """The hash of the bytes that were approved."""
    with runtime.begin() as session:
        return session.get_one(Delivery, delivery_id).approved_hash or ""


def test_what_a_jump_makes_due_is_not_sent_and_not_missed(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock, soon: int
) -> None:
    work(runtime)
    clock.jump(HOUR)
    for _ in range(3):
        work(runtime)
        clock.advance(MINUTE)
    assert state_of(runtime, soon) == "scheduled"
    assert live(sandbox, "soon") == 0
    clocks = stepping.read_clocks(runtime)
    assert clocks.jump is not None
    assert (clocks.jump.by, clocks.waiting) == (HOUR, 1)


def test_once_the_clock_is_right_again_all_goes_on_by_itself(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock, soon: int
) -> None:
    clock.jump(HOUR)
    work(runtime)
    clock.advance(10 * MINUTE)
    clock.jump(-HOUR)
    work(runtime)
    assert (stepping.read_clocks(runtime).jump, live(sandbox, "soon")) == (None, 0)
    clock.advance(20 * MINUTE)
    work(runtime)
    assert live(sandbox, "soon") == 1


def test_a_planner_that_starts_anew_keeps_the_hold_until_the_clock_reads_less(
    runtime: Runtime, clock: FakeClock, soon: int
) -> None:
    clock.jump(HOUR)
    work(runtime)
    clock.set(clock.now() + MINUTE)
    work(runtime)
    assert stepping.read_clocks(runtime).jump is not None
    clock.set(clock.now() - HOUR)
    work(runtime)
    assert stepping.read_clocks(runtime).jump is None


def test_a_person_says_that_the_clock_is_right(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock, soon: int, lin: Person
) -> None:
    lasting = add_delivery(
        runtime,
        connect_face(runtime, sandbox, "bluesky"),
        "lasting",
        due_at=clock.now() + MINUTE,
        lateness=Lateness.EVERGREEN,
    )
    clock.jump(HOUR)
    work(runtime)
    with pytest.raises(Refused):
        stepping.accept(runtime, reason=" ", by=lin)
    with pytest.raises(Refused):
        stepping.accept(runtime, reason="it is", by=add_person(runtime, "Noor", "author"))
    assert stepping.accept(runtime, reason="the machine was paused", by=lin) == 2
    work(runtime)
    assert (state_of(runtime, lasting), state_of(runtime, soon)) == ("published", "missed")
    with runtime.begin() as session:
        told = lines_of(session, lasting)[0]
    assert (told.kind, told.worker, told.reason) == ("clock", "Lin", "the machine was paused")
    with pytest.raises(Refused):
        stepping.accept(runtime, reason="again", by=lin)


def assert_lapses_in_time(runtime: Runtime, clock: FakeClock, delivery: int, state: str) -> None:
    """Its claim or sending lasts as long as the lease from now, and is taken back then."""
    clock.advance(runtime.lease - timedelta(seconds=1))
    planning.tick(runtime, RecordingDispatcher(), chunk=10)
    assert state_of(runtime, delivery) == state
    clock.advance(timedelta(seconds=2))
    planning.tick(runtime, RecordingDispatcher(), chunk=10)
    assert state_of(runtime, delivery) == {"claimed": "ready", "sending": "unconfirmed"}[state]


@pytest.mark.parametrize("by", [HOUR, -HOUR])
@pytest.mark.parametrize("state", ["claimed", "sending"])
def test_a_lease_lasts_as_long_as_it_would_have(
    runtime: Runtime, clock: FakeClock, soon: int, by: timedelta, state: str
) -> None:
    clock.advance(30 * MINUTE)
    planning.tick(runtime, RecordingDispatcher(), chunk=10)
    take(runtime, soon, state)
    clock.jump(by)
    assert_lapses_in_time(runtime, clock, soon, state)


def test_what_a_clock_wrote_that_was_set_back_while_nobody_watched_waits_no_hour(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock, soon: int
) -> None:
    """As when every process was restarted between the jump and its end, seen 2026-11-22."""
    clock.advance(30 * MINUTE)
    planning.tick(runtime, RecordingDispatcher(), chunk=10)
    clock.set(clock.now() + HOUR)
    take(runtime, soon, "claimed")
    with runtime.begin() as session:
        deliveries.turn_away(session, {soon: hash_of(runtime, soon)}, token="t", now=clock.now())
    clock.set(clock.now() - HOUR)
    work(runtime)
    assert live(sandbox, "soon") == 1


@pytest.mark.parametrize("state", ["claimed", "sending"])
def test_a_lease_given_by_a_process_that_has_not_seen_the_step_back_lapses_in_time(
    runtime: Runtime, clock: FakeClock, soon: int, state: str
) -> None:
    clock.advance(30 * MINUTE)
    planning.tick(runtime, RecordingDispatcher(), chunk=10)
    clock.set(clock.now() + HOUR)
    take(runtime, soon, state)
    clock.set(clock.now() - HOUR)
    planning.tick(runtime, RecordingDispatcher(), chunk=10)
    assert_lapses_in_time(runtime, clock, soon, state)


def test_a_step_back_sends_nothing_again(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock, soon: int
) -> None:
    clock.advance(30 * MINUTE)
    work(runtime)
    clock.jump(-HOUR)
    work(runtime)
    clock.advance(HOUR)
    work(runtime)
    assert live(sandbox, "soon") == 1


def test_a_step_back_does_not_prolong_the_time_in_which_a_repeat_is_safe(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock, soon: int
) -> None:
    clock.advance(30 * MINUTE)
    planning.tick(runtime, RecordingDispatcher(), chunk=10)
    take(runtime, soon, "sending")
    clock.advance(runtime.lease + MINUTE)
    planning.tick(runtime, RecordingDispatcher(), chunk=10)
    clock.jump(-HOUR)
    planning.tick(runtime, RecordingDispatcher(), chunk=10)
    clock.advance(30 * MINUTE)
    work(runtime)
    assert (state_of(runtime, soon), live(sandbox, "soon")) == ("unconfirmed", 0)


def test_another_planner_can_lead_at_once_after_a_step_back(runtime: Runtime, clock: FakeClock) -> None:
    assert planning.lead(runtime)
    clock.jump(-HOUR)
    with runtime.begin() as session:
        assert leases.acquire(
            session, planning.LEADER, holder="b", now=clock.now(), ttl=planning.LEADER_LEASE
        )
    assert not planning.lead(runtime)


@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_a_planner_that_has_not_seen_a_step_yet_does_not_lead_by_the_time_before(
    runtime: Runtime, clock: FakeClock, by: timedelta
) -> None:
    """Else it would end the hold that the step led to, seen 2026-11-22."""
    reader = WatchedClock(clock.now, again_s=10, wall=clock.now, elapsed=lambda: 0.0)
    behind = replace(runtime, clock=reader, worker="behind")
    assert planning.lead(runtime)
    assert not planning.lead(behind)
    clock.jump(by)
    assert planning.lead(runtime)
    assert not planning.lead(behind)


def test_a_worker_that_sees_a_jump_before_any_planner_sends_nothing_early(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock
) -> None:
    soon = timedelta(seconds=0.2)
    channel = connect_face(runtime, sandbox, "mastodon")
    add_delivery(runtime, channel, "in hand", due_at=clock.now() + soon)
    reader = WatchedClock(clock.now, again_s=0, wall=clock.now, elapsed=lambda: 0.0)
    reader.now()
    dispatcher = RecordingDispatcher()
    planning.tick(runtime, dispatcher, chunk=10, ahead=soon)
    clock.jump(HOUR)
    for hint in dispatcher.hints:
        planning.attend(replace(runtime, clock=reader, worker="first"), hint)
    assert (len(dispatcher.hints), live(sandbox, "in hand")) == (1, 0)


def test_a_planner_in_mid_tick_that_has_not_seen_a_jump_yet_does_not_end_the_hold(
    runtime: Runtime, clock: FakeClock
) -> None:
    reader = WatchedClock(clock.now, again_s=10, wall=clock.now, elapsed=lambda: 0.0)
    behind = replace(runtime, clock=reader, worker="behind")
    assert planning.lead(behind)
    clock.jump(HOUR)
    assert planning.lead(runtime)
    planning.tick(runtime, RecordingDispatcher(), chunk=10)
    planning.tick(behind, RecordingDispatcher(), chunk=10)
    assert stepping.read_clocks(runtime).jump is not None


def test_a_jump_that_two_planners_see_counts_once_and_a_second_jump_is_added(
    runtime: Runtime, clock: FakeClock
) -> None:
    """Else the hold would look like two hours, and would not end when one is taken back after an hour."""
    other = FakeClock(clock.now())
    for seen in (clock, other):
        seen.jump(HOUR)
    planning.tick(runtime, RecordingDispatcher(), chunk=10)
    other.advance(timedelta(seconds=9))
    planning.tick(replace(runtime, clock=other, worker="other"), RecordingDispatcher(), chunk=10)
    assert (jump := stepping.read_clocks(runtime).jump)
    assert (jump.by, jump.to) == (HOUR, clock.now())
    clock.advance(MINUTE)
    clock.jump(HOUR)
    planning.tick(runtime, RecordingDispatcher(), chunk=10)
    assert (jump := stepping.read_clocks(runtime).jump)
    assert (jump.by, jump.to) == (2 * HOUR, clock.now())


def test_a_step_that_another_thread_saw_meanwhile_is_heeded_by_who_then_leads(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock, soon: int
) -> None:
    """Found by fire: who did not lead threw it away, led next by the new time, and all went out early."""
    assert planning.lead(runtime)
    other = FakeClock(clock.now())
    other.jump(HOUR)
    by_the_old_time = iter([clock.now(), other.now()])
    other.now = lambda: next(by_the_old_time)  # type: ignore[method-assign]
    behind = replace(runtime, clock=other, worker="behind")
    assert not planning.lead(behind)
    clock.jump(HOUR)
    other.now = clock.now  # type: ignore[method-assign]
    assert planning.lead(behind)
    planning.tick(behind, RecordingDispatcher(), chunk=10)
    work(behind)
    assert (state_of(runtime, soon), live(sandbox, "soon")) == ("scheduled", 0)


def test_what_was_held_by_a_jump_that_is_undone_goes_out_without_gaps(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock
) -> None:
    channel = connect_face(runtime, sandbox, "mastodon")
    for name in ("one", "two"):
        add_delivery(runtime, channel, name, due_at=clock.now() + MINUTE)
    assert planning.lead(runtime)
    clock.jump(HOUR)
    assert planning.lead(runtime)
    work(runtime)
    clock.advance(2 * MINUTE)
    clock.jump(-HOUR)
    assert planning.lead(runtime)
    work(runtime)
    assert [live(sandbox, name) for name in ("one", "two")] == [1, 1]


def test_a_machine_whose_clock_is_off_claims_nothing_and_says_so_until_it_is_right(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock, soon: int
) -> None:
    clock.advance(30 * MINUTE)
    clock.skew_by(timedelta(seconds=-31))
    work(runtime)
    assert (state_of(runtime, soon), live(sandbox, "soon")) == ("ready", 0)
    assert stepping.read_clocks(runtime).aside == {runtime.worker: timedelta(seconds=-31)}
    clock.skew_by(timedelta(0))
    clock.advance(2 * MINUTE)
    work(runtime)
    assert live(sandbox, "soon") == 1
    assert stepping.read_clocks(runtime).aside == {}
