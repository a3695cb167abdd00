"""Who has a row in hand keeps no other row waiting: planners and workers pass by what somebody changes."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from connectors.sandbox import SandboxServer
from scheduler.core.lateness import Lateness
from scheduler.core.roles import Person
from scheduler.core.states import State
from scheduler.core.stopping import Scope, Target
from scheduler.services.delivery import planning
from scheduler.services.desk.pausing import pause
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.deliveries import waiting
from scheduler.store.evidence.ledger import Signed
from scheduler.store.holding import stops
from scheduler.store.tables import Channel, Delivery
from scheduler.testing import FakeClock, RecordingDispatcher, add_delivery
from tests.services.working import connect_face, state_of, wait_until_somebody_waits

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
PATIENCE_S = 30


@contextmanager
def in_hand(runtime: Runtime, delivery: int) -> Iterator[None]:
    """Somebody changes this delivery all the while, as an import or a recall does."""
    with runtime.begin() as session:
        session.scalars(select(Delivery).where(Delivery.id == delivery).with_for_update()).one()
        yield


def tick(runtime: Runtime) -> None:
    planning.tick(runtime, RecordingDispatcher(), chunk=100)


def grow_late(runtime: Runtime, clock: FakeClock, channel: int) -> int:
    return add_delivery(runtime, channel, "late", due_at=clock.now() - timedelta(hours=3))


def be_missed(runtime: Runtime, clock: FakeClock, channel: int) -> int:
    return add_delivery(runtime, channel, "missed", due_at=clock.now() - timedelta(days=3))


def wait_in_line(runtime: Runtime, clock: FakeClock, channel: int) -> int:
    space(runtime, channel)
    add_delivery(runtime, channel, "first", due_at=clock.now() - timedelta(minutes=1))
    return add_delivery(runtime, channel, "second")


def find_no_room(runtime: Runtime, clock: FakeClock, channel: int) -> int:
    space(runtime, channel)
    add_delivery(runtime, channel, "first", due_at=clock.now() - timedelta(minutes=1))
    return add_delivery(runtime, channel, "second", lateness=Lateness.LIVE)


def lapse(runtime: Runtime, clock: FakeClock, channel: int) -> int:
    claimed = add_delivery(runtime, channel, "claimed")
    claim(runtime, claimed)
    clock.advance(timedelta(minutes=6))
    return claimed


def vanish(runtime: Runtime, clock: FakeClock, channel: int) -> int:
    sending = add_delivery(runtime, channel, "sending")
    hashes = claim(runtime, sending)
    with runtime.begin() as session:
        signed = Signed(worker="w", now=clock.now())
        deliveries.mark_sending(session, hashes, token="t", lease=runtime.lease, signed=signed)
    clock.advance(timedelta(minutes=6))
    return sending


def space(runtime: Runtime, channel: int) -> None:
    with runtime.begin() as session:
        session.execute(update(Channel).where(Channel.id == channel).values(spacing_s=900))


def claim(runtime: Runtime, delivery: int) -> dict[int, str]:
    now = runtime.clock.now()
    with runtime.begin() as session:
        deliveries.make_ready(session, now=now)
        (row,) = deliveries.claim(session, [delivery], token="t", now=now, lease=runtime.lease)
        return {delivery: str(row.approved_hash)}


@pytest.mark.parametrize("comes_to", [grow_late, be_missed, wait_in_line, find_no_room, lapse, vanish])
def test_a_row_that_somebody_changes_keeps_no_other_from_being_planned(
    comes_to: Callable[[Runtime, FakeClock, int], int],
    runtime: Runtime,
    clock: FakeClock,
    sandbox: SandboxServer,
) -> None:
    """Until 2026-11-23 the planner waited for it, and two who waited for each other lost their work."""
    held = comes_to(runtime, clock, connect_face(runtime, sandbox, "mastodon"))
    before = state_of(runtime, held)
    other = add_delivery(runtime, connect_face(runtime, sandbox, "bluesky"), "on time")
    with ThreadPoolExecutor() as pool, in_hand(runtime, held):
        pool.submit(tick, runtime).result(PATIENCE_S)
        assert (state_of(runtime, other), state_of(runtime, held)) == (State.READY, before)


def test_a_row_that_somebody_changes_keeps_no_answer_from_being_written(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    """What a platform said of a channel takes back what is ready on it, but for what somebody has in hand."""
    channel = connect_face(runtime, sandbox, "mastodon")
    first, second = (add_delivery(runtime, channel, text) for text in ("first", "second"))
    tick(runtime)

    def take_back() -> list[int]:
        with runtime.begin() as session:
            return waiting.take_back(session, [channel], now=clock.now())

    with ThreadPoolExecutor() as pool, in_hand(runtime, first):
        assert pool.submit(take_back).result(PATIENCE_S) == [second]


def pause_all(runtime: Runtime, lin: Person) -> None:
    pause(runtime, Target(scope=Scope.ALL, name=""), reason="a flood", by=lin)


def stop_all(runtime: Runtime, lin: Person) -> None:
    with runtime.begin() as session:
        stops.stop(session, "an older copy was restored", now=runtime.clock.now())


@pytest.mark.parametrize("halt", [pause_all, stop_all])
def test_a_pause_is_seen_by_a_worker_that_waited_for_a_row(
    halt: Callable[[Runtime, Person], None],
    runtime: Runtime,
    clock: FakeClock,
    sandbox: SandboxServer,
    lin: Person,
) -> None:
    """Until 2026-11-23 the row was let go by what was true when the waiting began."""
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "mastodon"), "in hand")
    hashes = claim(runtime, delivery)

    def mark() -> set[int]:
        with runtime.begin() as session:
            signed = Signed(worker="w", now=clock.now())
            return deliveries.mark_sending(session, hashes, token="t", lease=runtime.lease, signed=signed)

    with ThreadPoolExecutor() as pool:
        with in_hand(runtime, delivery):
            marked = pool.submit(mark)
            wait_until_somebody_waits(runtime)
            halt(runtime, lin)
        assert marked.result(PATIENCE_S) == set()


def test_who_waits_for_the_first_of_several_rows_has_no_other_yet(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    """Else two who change the same rows in other orders wait for each other, and one of them in vain."""
    channel = connect_face(runtime, sandbox, "mastodon")
    first, *others = ids = [add_delivery(runtime, channel, f"number {number}") for number in range(6)]
    hold_backwards(runtime, ids)

    def release() -> list[int]:
        with runtime.begin() as session:
            return deliveries.release(session, ids, signed=Signed(worker="Lin", now=clock.now()))

    with ThreadPoolExecutor() as pool:
        with in_hand(runtime, first):
            released = pool.submit(release)
            wait_until_somebody_waits(runtime)
            with runtime.begin() as session:
                free = select(Delivery.id).where(Delivery.id.in_(ids)).with_for_update(skip_locked=True)
                assert set(session.scalars(free)) == set(others)
        assert set(released.result(PATIENCE_S)) == set(ids)


def hold_backwards(runtime: Runtime, ids: list[int]) -> None:
    """Hold them, so that the rows lie in the opposite order."""
    for id_ in reversed(ids):
        with runtime.begin() as session:
            session.execute(update(Delivery).where(Delivery.id == id_).values(state=State.HELD))


def test_what_is_edited_while_it_is_lined_up_keeps_its_new_time(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    """Until 2026-11-23 the turn, or the hold, of the old time was written over it."""
    channel = connect_face(runtime, sandbox, "mastodon")
    delivery = add_delivery(runtime, channel, "edited")
    tomorrow = clock.now() + timedelta(days=1)
    with runtime.begin() as session:
        row = session.get_one(Delivery, delivery)
        row.due_at = tomorrow
        assert deliveries.reschedule(session, row, key="k" * 64, now=clock.now())
    with runtime.begin() as session:
        waiting.put_off(session, {delivery: clock.now() + timedelta(minutes=1)}, now=clock.now())
        assert waiting.hold_back(session, [delivery], now=clock.now()) == []
    with runtime.begin() as session:
        row = session.get_one(Delivery, delivery)
        assert (row.state, row.next_at) == (State.SCHEDULED, tomorrow)
