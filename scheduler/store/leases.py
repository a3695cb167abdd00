"""A role one process holds at a time, until it lapses: one row, moved by one guarded statement."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from scheduler.core.clocks import ODD
from scheduler.store.tables import Lease


def acquire(session: Session, name: str, *, holder: str, now: datetime, ttl: timedelta) -> bool:
    """True when `holder` holds the role until `now` + `ttl`; renewing is acquiring again.

    Who holds it for longer than anybody can got it before the clock went back: it has lapsed as well.
    """
    lapsed = or_(Lease.until < now, Lease.until > now + ttl + ODD)
    taken = (
        update(Lease)
        .where(Lease.name == name, or_(Lease.holder == holder, lapsed))
        .values(holder=holder, until=now + ttl)
        .returning(Lease.name)
    )
    if session.scalar(taken):
        return True
    return session.get(Lease, name) is None and _create(session, name, holder, now + ttl)


def release(session: Session, name: str, *, holder: str | None = None) -> None:
    """Give the role up at once, so that another process need not wait for it to lapse.

    Without a `holder` it is taken from whoever has it.
    """
    session.execute(
        delete(Lease).where(Lease.name == name, true() if holder is None else Lease.holder == holder)
    )


def holder_of(session: Session, name: str, *, now: datetime) -> str | None:
    """Who holds the role now, if anybody."""
    return session.scalar(select(Lease.holder).where(Lease.name == name, Lease.until >= now))


def _create(session: Session, name: str, holder: str, until: datetime) -> bool:
    try:
        with session.begin_nested():
            session.add(Lease(name=name, holder=holder, until=until))
    except IntegrityError:
        return False
    return True
