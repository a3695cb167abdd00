"""When publications are read next is written beside whatever else is written of them."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeAlias

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.services.runtime import Runtime
from scheduler.store.metrics.looks import Again, NextLook, make_due, plan_looks
from scheduler.store.tables import Publication
from tests.conftest import START
from tests.reports.books import Books
from tests.services.working import wait_until_somebody_waits

Write: TypeAlias = Callable[[Session, Runtime, Sequence[int]], None]


def plan_backwards(session: Session, runtime: Runtime, ids: Sequence[int]) -> None:
    """Looks come in the order in which they were due."""
    looks = [NextLook(id=one, harvest_at=START, looked_at=START, shown="", still=0) for one in reversed(ids)]
    plan_looks(session, looks)


def make_all_due(session: Session, runtime: Runtime, ids: Sequence[int]) -> None:
    """The rows are found in the order in which they went live."""
    again = [Again(platform="bluesky", after=None)]
    made = make_due(session, runtime.organisation_id, again, since=None, now=START)
    assert made == len(ids)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("write", [plan_backwards, make_all_due])
def test_two_who_write_of_the_same_publications_wait_for_each_other(runtime: Runtime, write: Write) -> None:
    """Each held what the other waited for, and one failed."""
    books = Books(runtime, START)
    channel = books.channel("bluesky", "en", "GB")
    ids = [
        books.publish(books.post(ref, {"en": ref}), channel, at=at)
        for ref, at in (("one", START), ("two", START - timedelta(hours=1)))
    ]

    def write_apart() -> None:
        with runtime.begin() as session:
            write(session, runtime, ids)

    with ThreadPoolExecutor(1) as pool:
        with runtime.begin() as session:
            hold = select(Publication.id).with_for_update()
            session.execute(hold.where(Publication.id == ids[0]))
            other = pool.submit(write_apart)
            wait_until_somebody_waits(runtime)
            session.execute(hold.where(Publication.id == ids[1]))
        other.result()
