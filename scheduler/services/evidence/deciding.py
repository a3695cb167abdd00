"""What people decide is marked in database and journal, so that an older copy is found out (rule 13)."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy.orm import Session

from scheduler.core.wording import N_
from scheduler.services.evidence import journaling
from scheduler.services.runtime import Runtime
from scheduler.store.evidence import decided
from scheduler.store.evidence.decided import Mark
from scheduler.store.holding import stops

AHEAD = N_(
    "nothing is sent: the journal knows what was sent or decided and this database lost sight of. "
    "Was an older copy restored? Run postroad recover"
)

log = structlog.get_logger("postroad.deciding")


@contextmanager
def deciding(runtime: Runtime, what: str) -> Iterator[Session]:
    """A transaction in which people decide what is sent, by the command `what`. It is marked.

    The journal has its line after the COMMIT; who dies in between leaves it to whoever heeds it next.
    """
    with runtime.begin() as session:
        yield session
        mark = decided.note(session, what, now=runtime.clock.now())
    journaling.decided(runtime, [mark])


def heed_decisions(runtime: Runtime, session: Session) -> None:
    """Journal what was decided since this was last done here; stop everything when the last of it is gone.

    Call it in a transaction before something becomes ready in it, or is claimed after it: a database may be
    put back under the processes that use it.
    """
    last = runtime.journal.mark
    marks = decided.since(session, last) if last else decided.newest(session)
    if last and last not in marks[:1]:
        if not _recovered_since(runtime, session, last):
            _stop(runtime, session, last)
            return
        last, marks = None, decided.newest(session)
    fresh = marks[1:] if last else marks
    if fresh and journaling.decided(runtime, fresh):
        runtime.journal.mark = fresh[-1]


def _stop(runtime: Runtime, session: Session, gone: Mark) -> None:
    """Said and stored once, not at each tick until somebody recovers."""
    if stops.reason_of_stop(session) is None:
        log.error("what was decided is gone from the database", what=gone.what, at=gone.at.isoformat())
        stops.stop(session, AHEAD, now=runtime.clock.now())


def _recovered_since(runtime: Runtime, session: Session, mark: Mark) -> bool:
    """Whether a person recovered this database from this journal after the mark."""
    until = stops.compared_until(session, runtime.journal.identity())
    return until is not None and mark.at <= until
