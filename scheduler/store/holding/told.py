"""What the clock told last on each machine, so that who begins there knows of a step that nobody saw.

Rows of `lease` that no process holds, `told:<counter>`: `until` is what the clock told, and the holder says
between which elapsed seconds of that counter (see scheduler.core.clocks.Reading).
"""

from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from scheduler.core.clocks import Reading, aged, unexplained
from scheduler.store.bulk import insert_into
from scheduler.store.tables import Lease

TOLD = "told:"
FRESH_S = 10.0
FORGOTTEN_AFTER = timedelta(days=36)
"""A machine that was not started again for so long, and did not plan either, is a new one."""


def last_told(session: Session, counter: str) -> Reading | None:
    """What was kept last by that counter; None when nothing was, or nobody can tell its seconds."""
    row = session.get(Lease, TOLD + counter, populate_existing=True) if counter else None
    if row is None:
        return None
    before_s, after_s = map(float, row.holder.split())
    return Reading(at=row.until, before_s=before_s, after_s=after_s, counter=counter)


def renew(session: Session, kept: Reading, this: Reading) -> None:
    """Keep this one from now on, unless the clock stepped in between: that is for who heeds the step."""
    fresh = this.before_s - kept.after_s < FRESH_S
    if not (fresh or unexplained(aged(kept, at_s=this.before_s), this)):
        _write(session, this)


def begin(session: Session, this: Reading) -> None:
    """Keep the first one of a machine."""
    session.execute(delete(Lease).where(Lease.name.startswith(TOLD), Lease.until < this.at - FORGOTTEN_AFTER))
    _add(session, this)


def pass_step(session: Session, this: Reading) -> None:
    """Keep this one, read after a step that is heeded; what other machines kept is from before it."""
    others = delete(Lease).where(Lease.name.startswith(TOLD), Lease.name != TOLD + this.counter)
    session.execute(others)
    if this.counter:
        _add(session, this)
        _write(session, this)


def _add(session: Session, this: Reading) -> None:
    row = insert_into(session, Lease).values(name=TOLD + this.counter, holder=_when(this), until=this.at)
    session.execute(row.on_conflict_do_nothing())


def _write(session: Session, this: Reading) -> None:
    own = update(Lease).where(Lease.name == TOLD + this.counter)
    session.execute(
        own.values(holder=_when(this), until=this.at), execution_options={"synchronize_session": False}
    )


def _when(this: Reading) -> str:
    return f"{this.before_s:.6f} {this.after_s:.6f}"
