"""A role one process holds at a time, until it lapses: one row, moved by one guarded statement."""

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Select, String, bindparam, case, delete, literal, or_, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from scheduler.core.clocks import ODD
from scheduler.store.columns import Instant
from scheduler.store.tables import Lease

NOBODY = ""


def acquire(session: Session, name: str, *, holder: str, now: datetime, ttl: timedelta) -> bool:
    """True when `holder` holds the role until `now` + `ttl`; renewing is acquiring again.

    Who holds it for longer than anybody can got it before the clock went back: it has lapsed as well.
    """
    until = now + ttl
    asked = {"role": name, "taker": holder, "now": now, "new_until": until, "odd": until + ODD}
    if session.scalar(_taken(), asked):
        return True
    return session.get(Lease, name) is None and _create(session, name, holder, now + ttl)


@cache
def _taken() -> ReturningUpdate[str]:
    """Run with `role`, `taker`, and the instants `now`, `new_until` and `odd`."""
    taker = bindparam("taker", type_=String())
    now, until, odd = (bindparam(one, type_=Instant()) for one in ("now", "new_until", "odd"))
    free = or_(Lease.holder == taker, Lease.holder == NOBODY, Lease.until < now, Lease.until > odd)
    return (
        update(Lease)
        .where(Lease.name == bindparam("role"), free)
        .values(holder=taker, until=until)
        .returning(Lease.name)
    )


def release(session: Session, name: str, *, holder: str | None = None) -> None:
    """Give the role up at once, so that another process need not wait for it to lapse.

    Without a `holder` it is taken from whoever has it.
    """
    session.execute(
        delete(Lease).where(Lease.name == name, true() if holder is None else Lease.holder == holder)
    )


def give_up(session: Session, name: str, *, now: datetime, holder: str | None = None) -> None:
    """Free the role as `release` does, and let the row tell until when it was held."""
    session.execute(
        update(Lease)
        .where(Lease.name == name, true() if holder is None else Lease.holder == holder)
        .values(holder=NOBODY, until=case((Lease.until < now, Lease.until), else_=literal(now, Instant())))
    )


def note(session: Session, name: str, *, until: datetime) -> None:
    """Leave a row that nobody holds, to be found by `held_until` and ended by `release`."""
    session.merge(Lease(name=name, holder=NOBODY, until=until))


def held_until(session: Session, name: str) -> datetime | None:
    """The instant up to which the role was held last, in the future while somebody holds it."""
    return session.scalar(_held_until(), {"role": name})


@cache
def _held_until() -> Select[datetime]:
    return select(Lease.until).where(Lease.name == bindparam("role"))


def _create(session: Session, name: str, holder: str, until: datetime) -> bool:
    try:
        with session.begin_nested():
            session.add(Lease(name=name, holder=holder, until=until))
    except IntegrityError:
        return False
    return True
