"""The stop of a whole installation, and the journals this database has been compared with (rule 13).

Both are rows of `lease` that no process holds and no time ends: `stop`, whose holder is the reason, and
`journal:<identity>`, whose `until` is the instant up to which database and journal tell the same story.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from scheduler.store import leases
from scheduler.store.tables import Lease

STOP = "stop"
JOURNAL = "journal:"


def stopped() -> ColumnElement[bool]:
    """True while nothing at all may be sent; an ordinary resume does not end that."""
    return exists().where(Lease.name == STOP)


def stop(session: Session, reason: str, *, now: datetime) -> None:
    """Let no process that uses this database send anything until `lift`."""
    session.merge(Lease(name=STOP, holder=reason, until=now))


def lift(session: Session) -> None:
    """Let sending go on."""
    leases.release(session, STOP)


def reason_of_stop(session: Session) -> str | None:
    """Why nothing is sent, None when nothing is stopped."""
    return session.scalar(select(Lease.holder).where(Lease.name == STOP))


def compared_until(session: Session, journal: str) -> datetime | None:
    """Up to when that journal was compared with this database; None when it is a stranger."""
    return session.scalar(select(Lease.until).where(Lease.name == JOURNAL + journal))


def knows_journals(session: Session) -> bool:
    """True when this database was ever compared with a journal."""
    return session.scalar(select(Lease.name).where(Lease.name.startswith(JOURNAL)).limit(1)) is not None


def set_compared(session: Session, journal: str, *, until: datetime) -> None:
    """Remember that database and journal tell the same story up to `until`."""
    session.merge(Lease(name=JOURNAL + journal, holder="", until=until))
