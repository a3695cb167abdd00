"""One still view of the books, for everything that is told of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from scheduler.services.runtime import Runtime
from scheduler.store.metrics.rollups import is_current, make_current
from scheduler.store.metrics.weeks import sum_weeks
from scheduler.store.reach.stretch import hold_still


@contextmanager
def still_view(runtime: Runtime) -> Iterator[Session]:
    """A transaction whose queries all see the same state, with every roll-up current.

    They are made current before, in a transaction of their own: in a still view PostgreSQL refuses to write
    what a harvest wrote meanwhile.
    """
    while True:
        with runtime.begin() as session:
            make_current(session, runtime.organisation_id)
        with runtime.begin() as session:
            sum_weeks(session, runtime.organisation_id, until=runtime.clock.now())
        with runtime.begin() as session:
            hold_still(session)
            if is_current(session, runtime.organisation_id):
                yield session
                return
