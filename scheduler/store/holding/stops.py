"""What stops a whole installation, and the journals this database has been compared with (rule 13).

All are rows of `lease` that no process holds and no time ends: `stop`, whose holder is the reason; `clock`,
whose holder is how many seconds the clock jumped, and `until` where it jumped to; and `journal:<identity>`,
whose `until` is the instant up to which database and journal tell the same story. `skew:<process>` says until
when a process stands aside because its own clock is off by so many seconds.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from scheduler.store import leases
from scheduler.store.tables import Lease

STOP = "stop"
CLOCK = "clock"
JOURNAL = "journal:"
SKEW = "skew:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """The clock went forward `by` more than the time that went by, to `to` (aware UTC)."""

    by: timedelta
    to: datetime


@cache
def stopped() -> ColumnElement[bool]:
    """True while nothing at all may be sent; an ordinary resume does not end that."""
    return exists().where(Lease.name.in_((STOP, CLOCK)))


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


def hold_clock(session: Session, jump: Jump) -> None:
    """Let nothing be sent until `lift_clock`: time may have jumped over what is not due yet."""
    session.merge(Lease(name=CLOCK, holder=str(jump.by.total_seconds()), until=jump.to))


def lift_clock(session: Session) -> None:
    """The clock is right, or right again."""
    leases.release(session, CLOCK)


def jump_of(session: Session) -> Jump | None:
    """The jump that holds everything, None when none does."""
    row = session.get(Lease, CLOCK)
    return Jump(by=timedelta(seconds=float(row.holder)), to=row.until) if row else None


def stand_aside(session: Session, process: str, skew: timedelta, *, until: datetime) -> None:
    """Let others see that this process sends nothing because its own clock is off."""
    name = f"{SKEW}{process}"[:64]
    session.merge(Lease(name=name, holder=f"{skew.total_seconds():.0f}", until=until))


def standing_aside(session: Session, *, now: datetime) -> dict[str, timedelta]:
    """The processes whose own clocks are off, and how far they are ahead."""
    rows = session.execute(
        select(Lease.name, Lease.holder).where(Lease.name.startswith(SKEW), Lease.until >= now)
    )
    return {name.removeprefix(SKEW): timedelta(seconds=float(skew)) for name, skew in rows}
