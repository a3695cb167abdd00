"""What is done about clocks that are off: a jump ahead holds everything until a person decides.

A clock that goes back holds nothing: it cannot make anything due, and what was sent is in the rows. Waits,
leases and looks move with either step, so that they last as long as they were meant to.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from scheduler.core.clocks import NOTHING, ODD, Step, unexplained
from scheduler.core.problems import refuse, require_reason
from scheduler.core.roles import Person, Right
from scheduler.core.states import State
from scheduler.core.wording import N_
from scheduler.services.channels import renewing
from scheduler.services.evidence.deciding import deciding
from scheduler.services.runtime import Clock, Runtime
from scheduler.store import deliveries, leases
from scheduler.store.evidence.ledger import Line, Signed, note
from scheduler.store.holding import stops, told
from scheduler.store.holding.stops import Jump

JUMPED = N_(
    "nothing is sent: the clock jumped ahead, and what seems due may not be. "
    "Set it right, or say that it is right with postroad clock accept"
)
ASIDE = N_("the clock of this machine is off: it sends nothing until it is set right")
NOT_HELD = N_("the clock holds nothing")
TOLD_FOR = timedelta(seconds=90)
STANDSTILL = "standstill"

log = structlog.get_logger("postroad.clock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The time we live by (aware UTC), how far this machine's own clock is ahead of it, and what that stops.

    `jump` holds everything; `waiting` counts what is due by it; `aside` are processes whose clocks are off.
    """

    now: datetime
    skew: timedelta
    jump: Jump | None
    waiting: int
    aside: dict[str, timedelta]


@contextmanager
def taking_steps(clock: Clock) -> Iterator[Callable[[], Step]]:
    """What takes the clock's step; it is there for the next who asks if the block, or its COMMIT, fails."""
    taken: list[Step] = []

    def take() -> Step:
        taken.append(clock.take_step())
        return taken[-1]

    try:
        yield take
    except BaseException:
        for step in reversed(taken):
            clock.put_back(step)
        raise


def resume_clock(runtime: Runtime) -> None:
    """Let a process that begins know what the clock told last on this machine, before it decides by it."""
    with runtime.begin() as session:
        last = told.last_told(session, runtime.clock.reading().counter)
    if last:
        runtime.clock.resume(last)


def keep_told(runtime: Runtime, session: Session) -> None:
    """Keep what the clock tells for who begins next on this machine."""
    this = runtime.clock.reading()
    if kept := told.last_told(session, this.counter):
        told.renew(session, kept, this)
    elif this.counter:
        runtime.clock.ask()
        # Who heeded a step dropped what was kept by the time before it: that does not come back.
        if not unexplained(this, fresh := runtime.clock.reading()):
            told.begin(session, fresh)


def heed_step(runtime: Runtime, session: Session, step: Step, *, now: datetime) -> bool:
    """Take in what the clock did since that was last done; True while a jump holds everything.

    Call it in the transaction of the tick, or of the lease by which one leads by the new time, after `now`
    was read and before anything becomes ready by it.
    """
    jump = stops.jump_of(session)
    if step.by:
        told.pass_step(session, runtime.clock.reading())
        moved = deliveries.shift_timers(session, by=step.by, now=now)
        renewing.shift_leases(session, by=step.by, now=now)
        log.warning("the clock stepped", seconds=step.by.total_seconds(), timers=moved)
    else:
        keep_told(runtime, session)
    if odd := deliveries.pull_back(session, now=now):
        log.warning("a clock that was ahead had written timers", timers=odd)
    if step.beyond:
        stops.hold_clock(session, _further(jump, step.beyond, now))
        log.error("the clock jumped: everything is held", seconds=step.beyond.total_seconds())
        return True
    # By a fresh reading, or who has not seen the jump yet would end the hold.
    if jump and _undone(jump, step, runtime.clock.ask()):
        stops.lift_clock(session)
        leases.release(session, STANDSTILL)
        log.warning("the clock is right again: sending goes on")
        return False
    return jump is not None


def claims_nothing(runtime: Runtime) -> bool:
    """True while this machine's own clock is far from the database's; said to everybody."""
    now, skew = runtime.clock.now(), runtime.clock.skew()
    if skew:
        log.error("this machine's clock is off: nothing is claimed", seconds=skew.total_seconds())
        with runtime.begin() as session:
            stops.stand_aside(session, runtime.worker, skew, until=now + TOLD_FOR)
    return bool(skew)


def read_clocks(runtime: Runtime) -> Clocks:
    """How the clocks stand, as one process sees it."""
    now = runtime.clock.now()
    with runtime.begin() as session:
        jump = stops.jump_of(session)
        return Clocks(
            now=now,
            skew=runtime.clock.skew(),
            jump=jump,
            waiting=len(deliveries.due_ids(session, now=now)) if jump else 0,
            aside=stops.standing_aside(session, now=now),
        )


def accept(runtime: Runtime, *, reason: str, by: Person) -> int:
    """Say that the clock is right as it is; how many due deliveries go on. Refused when nothing is held.

    Lateness is then judged by the new time: what is too late by it is held or missed, the rest is sent.
    """
    by.require(Right.ACCEPT_CLOCK)
    said = require_reason(reason)
    signed = Signed(worker=by.name, now=runtime.clock.now())
    with deciding(runtime, "clock accept") as session:
        if stops.jump_of(session) is None:
            raise refuse(NOT_HELD)
        ids = deliveries.due_ids(session, now=signed.now)
        note(session, ids, Line(kind="clock", state=State.SCHEDULED, reason=said), signed)
        stops.lift_clock(session)
    log.warning("the clock was accepted", by=by.name, reason=said, waiting=len(ids))
    return len(ids)


def _further(jump: Jump | None, by: timedelta, now: datetime) -> Jump:
    """What holds from now on. A clock that jumped once more is further on; else another saw the same."""
    if jump and now - jump.to < by:
        return Jump(by=max(jump.by, by), to=jump.to)
    return Jump(by=(jump.by if jump else NOTHING) + by, to=now)


def _undone(jump: Jump, step: Step, now: datetime) -> bool:
    """It went back by as much, or reads earlier than where it had jumped to."""
    return step.by <= ODD - jump.by or now < jump.to - ODD
