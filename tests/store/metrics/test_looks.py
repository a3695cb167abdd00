"""When publications are read next is written beside whatever else is written of them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from scheduler.services.runtime import Runtime
from scheduler.store.metrics.looks import NextLook, plan_looks
from scheduler.store.tables import Publication
from tests.conftest import START
from tests.reports.books import Books
from tests.services.working import wait_until_somebody_waits


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_who_write_of_the_same_publications_wait_for_each_other(
    runtime: Runtime,
) -> None:
    """Looks come in the order in which they were due: each held what the other waited for, and one failed."""
    books = Books(runtime, START)
    channel = books.channel("bluesky", "en", "GB")
    ids = [books.publish(books.post(ref, {"en": ref}), channel, at=START) for ref in ("one", "two")]
    looks = [NextLook(id=one, harvest_at=START, looked_at=START, shown="", still=0) for one in reversed(ids)]

    def write_apart() -> None:
        with runtime.begin() as session:
            plan_looks(session, looks)

    with ThreadPoolExecutor(1) as pool:
        with runtime.begin() as session:
            hold = select(Publication.id).with_for_update()
            session.execute(hold.where(Publication.id == ids[0]))
            other = pool.submit(write_apart)
            wait_until_somebody_waits(runtime)
            session.execute(hold.where(Publication.id == ids[1]))
        other.result()
