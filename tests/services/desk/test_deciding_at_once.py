"""People decide while others do, and while the database ends one of two that wait for each other."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from connectors.sandbox import SandboxServer
from scheduler.core.lateness import Lateness
from scheduler.core.roles import Person
from scheduler.core.stopping import Scope, Target
from scheduler.services.desk.pausing import list_pauses, pause, resume
from scheduler.services.desk.recalling import recall
from scheduler.services.desk.releasing import release
from scheduler.services.desk.resolving import resolve_published
from scheduler.services.runtime import Runtime
from scheduler.store.locking import lock
from scheduler.store.tables import Delivery, Pause, Post
from scheduler.testing import add_delivery
from tests.services.tables import ONE_DATABASE
from tests.services.working import add_person, state_of, wait_until_somebody_waits, work

EVERYTHING = Target(scope=Scope.ALL)
ON_POSTGRES = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def undoing(runtime: Runtime, *, times: int) -> Runtime:
    """The same on a database that undoes so many transactions, at their COMMIT, for the sake of others."""
    left = [OperationalError("", {}, psycopg.errors.DeadlockDetected()) for _ in range(times)]

    @contextmanager
    def begin() -> Iterator[Session]:
        with runtime.begin() as session:
            yield session
            if left:
                raise left.pop()

    return replace(runtime, begin=begin)


def ref_of(runtime: Runtime, delivery: int) -> str:
    with runtime.begin() as session:
        return session.scalars(select(Post.ref).join(Delivery).where(Delivery.id == delivery)).one()


@ONE_DATABASE
def test_a_pause_that_the_database_undid_is_made_and_its_end_as_well(runtime: Runtime, lin: Person) -> None:
    pause(undoing(runtime, times=2), EVERYTHING, reason="a storm", by=lin)
    assert len(list_pauses(runtime)) == 1
    assert not resume(undoing(runtime, times=2), EVERYTHING, reason="over", by=lin).done
    assert resume(undoing(runtime, times=2), EVERYTHING, reason="over", by=add_person(runtime, "Mei")).done
    assert list_pauses(runtime) == []


@ON_POSTGRES
def test_who_pauses_again_while_the_pause_is_ended_has_paused(runtime: Runtime, lin: Person) -> None:
    """The same words are not stored twice, but must be where what they repeat is over by then."""
    pause(runtime, EVERYTHING, reason="a storm", by=lin)
    with ThreadPoolExecutor(1) as pool:
        with runtime.begin() as session:
            session.execute(update(Pause).values(resumed_at=runtime.clock.now(), resumed_by=lin.id))
            again = pool.submit(pause, runtime, EVERYTHING, reason="a storm", by=lin)
            wait_until_somebody_waits(runtime)
        assert again.result(timeout=30) is None
    assert len(list_pauses(runtime)) == 1


@ONE_DATABASE
def test_what_the_database_undid_three_times_is_told(runtime: Runtime, lin: Person) -> None:
    with pytest.raises(OperationalError):
        pause(undoing(runtime, times=3), EVERYTHING, reason="a storm", by=lin)
    assert list_pauses(runtime) == []


@ONE_DATABASE
def test_a_release_and_an_answer_that_the_database_undid_are_given_once(
    runtime: Runtime, sandbox: SandboxServer, telegram: int, lin: Person
) -> None:
    long_ago = runtime.clock.now() - timedelta(minutes=6)
    held = add_delivery(runtime, telegram, "late", due_at=long_ago, lateness=Lateness.LIVE)
    sandbox.control.add_fault("telegram", "drop_after", match="sendMessage", method="POST")
    doubtful = add_delivery(runtime, telegram, "doubtful")
    work(runtime)
    assert release(undoing(runtime, times=2), [held], by=lin) == [held]
    link = sandbox.control.posts()[0].url
    resolve_published(undoing(runtime, times=2), doubtful, link, reason="I see it", by=lin)
    assert (state_of(runtime, held), state_of(runtime, doubtful)) == ("scheduled", "published")


@ON_POSTGRES
def test_a_recall_that_lost_a_deadlock_is_made(runtime: Runtime, telegram: int, lin: Person) -> None:
    """It waits for the second delivery and is ended by the server, as the other wants the first."""
    due_at = runtime.clock.now() + timedelta(hours=1)
    first, second = (add_delivery(runtime, telegram, text, due_at=due_at) for text in ("one", "two"))
    refs = [ref_of(runtime, first), ref_of(runtime, second)]
    with ThreadPoolExecutor(1) as pool:
        with runtime.begin() as session:
            lock(session, Delivery.id, Delivery.id == second)
            recalled = pool.submit(recall, runtime, refs, reason="false", by=lin)
            wait_until_somebody_waits(runtime)
            lock(session, Delivery.id, Delivery.id == first)
        assert [line.done for line in recalled.result(timeout=30)] == [True, True]
