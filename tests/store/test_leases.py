"""One leads; it goes on leading; when it is silent another one does."""

from datetime import timedelta

from scheduler.services.runtime import Runtime
from scheduler.store import leases
from scheduler.testing import FakeClock

TTL = timedelta(seconds=15)


def lead(runtime: Runtime, holder: str) -> bool:
    with runtime.begin() as session:
        return leases.acquire(session, "planner", holder=holder, now=runtime.clock.now(), ttl=TTL)


def test_one_leads_until_it_is_silent(runtime: Runtime, clock: FakeClock) -> None:
    assert lead(runtime, "a")
    assert not lead(runtime, "b")
    clock.advance(timedelta(seconds=10))
    assert lead(runtime, "a")
    clock.advance(timedelta(seconds=10))
    assert not lead(runtime, "b")
    clock.advance(timedelta(seconds=6))
    assert lead(runtime, "b")
    assert not lead(runtime, "a")


def test_a_role_given_up_is_free_at_once(runtime: Runtime) -> None:
    assert lead(runtime, "a")
    with runtime.begin() as session:
        leases.release(session, "planner", holder="b")
    assert not lead(runtime, "b")
    with runtime.begin() as session:
        leases.release(session, "planner", holder="a")
    assert lead(runtime, "b")
