"""After a standstill: what was missed goes out in order and spaced, what is too much or too late is held."""

from datetime import timedelta

from connectors.sandbox import SandboxServer
from scheduler.core.lateness import Lateness
from scheduler.services.delivery import planning
from scheduler.services.runtime import Runtime
from scheduler.store.deliveries.waiting import CATCH_UP_LIMIT, CATCHING_UP, TOO_MANY
from scheduler.store.tables import Delivery
from scheduler.testing import FakeClock, add_delivery
from tests.services.working import connect_face, state_of, work


def away(runtime: Runtime, clock: FakeClock, hours: float) -> None:
    """A planner led, and then nothing ran."""
    assert planning.lead(runtime)
    clock.advance(timedelta(hours=hours))
    assert planning.lead(runtime)


def published(runtime: Runtime, ids: list[int]) -> list[int]:
    return [id_ for id_ in ids if state_of(runtime, id_) == "published"]


def overdue(runtime: Runtime, clock: FakeClock, channel: int, count: int, hours: float) -> list[int]:
    """Posts that become due one after the other within the hours to come."""
    step = timedelta(hours=hours) / (count + 1)
    return [
        add_delivery(
            runtime,
            channel,
            f"post {number}",
            due_at=clock.now() + (number + 1) * step,
            lateness=Lateness.EVERGREEN,
        )
        for number in range(count)
    ]


def test_what_was_missed_in_nine_hours_goes_out_one_a_minute_in_due_order(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    mastodon, wordpress = (connect_face(runtime, sandbox, face) for face in ("mastodon", "wordpress"))
    one = overdue(runtime, clock, mastodon, 6, 9)
    other = overdue(runtime, clock, wordpress, 3, 9)
    away(runtime, clock, 9)
    for minute in range(6):
        work(runtime)
        assert published(runtime, one) == one[: minute + 1]
        assert published(runtime, other) == other[: minute + 1]
        with runtime.begin() as session:
            assert session.get_one(Delivery, one[5]).reason == (CATCHING_UP if minute < 5 else "")
        clock.advance(timedelta(minutes=1))


def test_a_restart_of_a_few_minutes_spaces_nothing(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    mastodon = connect_face(runtime, sandbox, "mastodon")
    assert planning.lead(runtime)
    planning.resign(runtime)
    ids = overdue(runtime, clock, mastodon, 4, 0.1)
    away(runtime, clock, 0.15)
    work(runtime)
    assert published(runtime, ids) == ids


def test_a_planner_that_resigned_long_ago_is_missed_too(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    mastodon = connect_face(runtime, sandbox, "mastodon")
    assert planning.lead(runtime)
    planning.resign(runtime)
    ids = overdue(runtime, clock, mastodon, 3, 9)
    clock.advance(timedelta(hours=9))
    planning.take_over(runtime)
    assert planning.lead(runtime)
    work(runtime)
    assert published(runtime, ids) == ids[:1]


def test_without_a_planner_before_there_was_no_standstill(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    mastodon = connect_face(runtime, sandbox, "mastodon")
    ids = overdue(runtime, clock, mastodon, 3, 9)
    clock.advance(timedelta(hours=9))
    assert planning.lead(runtime)
    work(runtime)
    assert published(runtime, ids) == ids


def test_more_than_a_channel_catches_up_by_itself_is_held(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    mastodon = connect_face(runtime, sandbox, "mastodon")
    ids = overdue(runtime, clock, mastodon, CATCH_UP_LIMIT + 2, 9)
    away(runtime, clock, 9)
    work(runtime)
    assert [state_of(runtime, id_) for id_ in ids[-2:]] == ["held", "held"]
    assert state_of(runtime, ids[-3]) == "scheduled"
    with runtime.begin() as session:
        assert session.get_one(Delivery, ids[-1]).reason == TOO_MANY


def test_what_would_get_its_turn_later_than_its_tolerance_is_held(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    mastodon = connect_face(runtime, sandbox, "mastodon")
    due_at = clock.now() + timedelta(minutes=56)
    ids = [
        add_delivery(runtime, mastodon, f"live {number}", due_at=due_at, lateness=Lateness.LIVE)
        for number in range(3)
    ]
    away(runtime, clock, 1)
    work(runtime)
    assert [state_of(runtime, id_) for id_ in ids] == ["published", "scheduled", "held"]
