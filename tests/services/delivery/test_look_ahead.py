"""What is due soon is got ready early: in hand when it is due, never sent before, stoppable until then."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from connectors.sandbox import SandboxServer
from scheduler.core.states import State
from scheduler.core.stopping import Scope, Target
from scheduler.services.delivery import planning
from scheduler.services.desk.pausing import pause
from scheduler.services.desk.recalling import recall
from scheduler.services.members import find_member
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.evidence.ledger import Signed, lines_of
from scheduler.store.tables import Delivery, Post
from scheduler.testing import FakeClock, RecordingDispatcher, add_delivery
from tests.services.working import connect_face, live, state_of, work

AHEAD = timedelta(seconds=2)
SOON = timedelta(seconds=1)
LEASE = timedelta(minutes=2)


class Meanwhile(FakeClock):
    """A clock by whose sleep something else happens before it is over."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.happens: Callable[[], object] = lambda: None
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let it happen, then move."""
        self.slept.append(seconds)
        self.happens()
        super().sleep(seconds)


@dataclass(frozen=True, slots=True)
class Centre:
    """An installation with one channel, ticking ahead by a clock that can be interrupted."""

    runtime: Runtime
    clock: Meanwhile
    channel: int
    dispatcher: RecordingDispatcher = field(default_factory=RecordingDispatcher)

    def plan(self, text: str, *, in_: timedelta = SOON) -> int:
        """A new approved delivery."""
        return add_delivery(self.runtime, self.channel, text, due_at=self.clock.now() + in_)

    def tick(self) -> list[list[int]]:
        """The hints of one tick that looks ahead."""
        self.dispatcher.hints.clear()
        planning.tick(self.runtime, self.dispatcher, chunk=100, ahead=AHEAD)
        return list(self.dispatcher.hints)

    def work(self) -> None:
        """One tick that looks ahead, its hints attended to."""
        for hint in self.tick():
            planning.attend(self.runtime, hint)


@pytest.fixture
def centre(runtime: Runtime, clock: FakeClock, sandbox: SandboxServer) -> Centre:
    channel = connect_face(runtime, sandbox, "telegram")
    meanwhile = Meanwhile(clock.now())
    return Centre(replace(runtime, clock=meanwhile), meanwhile, channel)


def test_it_is_in_hand_early_and_sent_when_it_is_due(centre: Centre, sandbox: SandboxServer) -> None:
    delivery = centre.plan("on time")
    due_at = centre.clock.now() + SOON
    centre.clock.happens = lambda: seen.append((state_of(centre.runtime, delivery), live(sandbox, "on time")))
    seen: list[tuple[str, int]] = []
    centre.work()
    assert seen == [(State.CLAIMED, 0)]
    assert centre.clock.slept == [SOON.total_seconds()]
    assert live(sandbox, "on time") == 1
    with centre.runtime.begin() as session:
        assert [line.at for line in lines_of(session, delivery)] == [due_at, due_at]


def test_a_worker_that_does_not_wait_is_refused_and_the_turn_comes(
    centre: Centre, sandbox: SandboxServer
) -> None:
    delivery = centre.plan("too early")
    signed = Signed(worker="hasty", now=centre.clock.now())
    assert centre.tick() == [[delivery]]
    with centre.runtime.begin() as session:
        (row,) = deliveries.claim(session, [delivery], token="t", now=signed.now, lease=LEASE)
        hashes = {delivery: str(row.approved_hash)}
        assert deliveries.mark_sending(session, hashes, token="t", lease=LEASE, signed=signed) == set()
        deliveries.turn_away(session, hashes, token="t", now=signed.now)
    assert state_of(centre.runtime, delivery) == State.READY
    assert centre.tick() == []
    centre.clock.advance(SOON)
    centre.work()
    assert live(sandbox, "too early") == 1


def test_an_early_hint_that_is_lost_is_given_again_when_it_is_due(centre: Centre) -> None:
    delivery = centre.plan("lost")
    assert centre.tick() == [[delivery]]
    assert centre.tick() == []
    centre.clock.advance(SOON)
    assert centre.tick() == [[delivery]]


def test_what_is_due_in_different_moments_is_not_in_one_hint(centre: Centre) -> None:
    now, soon, same = (
        centre.plan(text, in_=timedelta(milliseconds=ms))
        for text, ms in (("now", 0), ("soon", 900), ("the same moment", 1000))
    )
    later = centre.plan("later", in_=timedelta(milliseconds=1900))
    centre.plan("much later", in_=timedelta(seconds=3))
    assert centre.tick() == [[now], [soon, same], [later]]


def test_only_the_first_turn_comes_early(centre: Centre) -> None:
    delivery = centre.plan("put off", in_=timedelta(0))
    with centre.runtime.begin() as session:
        session.get_one(Delivery, delivery).next_at = centre.clock.now() + SOON
    assert centre.tick() == []
    centre.clock.advance(SOON)
    assert centre.tick() == [[delivery]]


def test_without_looking_ahead_nothing_is_waited_for(centre: Centre) -> None:
    centre.plan("later")
    work(centre.runtime)
    assert centre.clock.slept == []


def cancel(centre: Centre, delivery: int) -> None:
    with centre.runtime.begin() as session:
        assert deliveries.cancel(session, [delivery], reason="unwanted", now=centre.clock.now()) == [delivery]


def take_back(centre: Centre, delivery: int) -> None:
    with centre.runtime.begin() as session:
        post = session.get_one(Post, session.get_one(Delivery, delivery).post_id).ref
    recall(centre.runtime, [post], reason="wrong", by=find_member(centre.runtime, "Lin"))


def stop(centre: Centre, _delivery: int) -> None:
    pause(centre.runtime, Target(scope=Scope.ALL), reason="wait", by=find_member(centre.runtime, "Lin"))


def edit(centre: Centre, delivery: int) -> None:
    now = centre.clock.now()
    with centre.runtime.begin() as session:
        row = session.get_one(Delivery, delivery)
        row.due_at = now + timedelta(hours=1)
        assert deliveries.reschedule(session, row, key="k" * 64, now=now)


def withdraw(centre: Centre, delivery: int) -> None:
    with centre.runtime.begin() as session:
        session.get_one(Delivery, delivery).approved_hash = None


@pytest.mark.parametrize(
    ("happens", "becomes"),
    [
        (cancel, State.CANCELLED),
        (take_back, State.CANCELLED),
        (stop, State.READY),
        (edit, State.SCHEDULED),
        (withdraw, State.HELD),
    ],
)
def test_people_can_stop_it_until_it_is_due(
    happens: Callable[[Centre, int], None], becomes: State, centre: Centre, sandbox: SandboxServer
) -> None:
    delivery = centre.plan("unwanted")
    centre.clock.happens = lambda: happens(centre, delivery)
    centre.work()
    assert centre.clock.slept == [SOON.total_seconds()]
    assert state_of(centre.runtime, delivery) == becomes
    assert sandbox.control.posts() == []
