"""What the planner does at each tick: rows that are due become ready, and workers are told which to look at.

Any number of planners may tick; one leads by a lease, and two leading at once would only waste work.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, groupby
from typing import Protocol

import structlog
from sqlalchemy.orm import Session

from scheduler.core.hints import hints, parts
from scheduler.core.states import State
from scheduler.services.delivery import pacing
from scheduler.services.delivery.looking import look
from scheduler.services.delivery.outgoing import images_of
from scheduler.services.delivery.publishing import publish
from scheduler.services.delivery.staging import stage_early
from scheduler.services.delivery.stepping import STANDSTILL, heed_step, keep_told, taking_steps
from scheduler.services.delivery.taking_down import take_down
from scheduler.services.delivery.verifying import verify
from scheduler.services.evidence.deciding import heed_decisions
from scheduler.services.failpoints import reach
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries, leases
from scheduler.store.deliveries.waiting import Rest, catch_up
from scheduler.store.evidence import verifications

LEADER = "planner"
LEADER_LEASE = timedelta(seconds=15)
OUTAGE = timedelta(minutes=10)
ANNOUNCEMENTS_A_TICK = 20_000
STAGINGS_A_TICK = 500
READINGS_A_TICK = 100
READINGS_YIELD = timedelta(minutes=1)
READY_AT_ONCE = 5_000
APART = timedelta(milliseconds=250)

log = structlog.get_logger("postroad.planning")


class HintLost(Exception):
    """The hint could not be handed over; the rows remain and are announced again."""


class Dispatcher(Protocol):
    """Carries hints to workers. A hint may be lost, doubled or late without effect."""

    def announce(self, delivery_ids: Sequence[int]) -> None:
        """Ask some worker to attend to these deliveries, or raise HintLost."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What one tick did: rows swept, made ready, and announced to workers."""

    swept: int
    ready: int
    announced: int


def tick(runtime: Runtime, dispatcher: Dispatcher, *, chunk: int, ahead: timedelta = timedelta(0)) -> Tick:
    """One look at the clock and the rows; cheap when nothing is due.

    What is due within `ahead` is announced early, so that a worker has it in hand when it is due.
    """
    now = runtime.clock.now()
    rest: Collection[Rest] = ()
    with taking_steps(runtime.clock) as take_step, runtime.begin() as transaction:
        held = heed_step(runtime, transaction, take_step(), now=now)
        heed_decisions(runtime, transaction)
        swept = deliveries.sweep_lapsed(transaction, now=now)
        if not held:
            swept += deliveries.sweep_late(transaction, now=now)
            _catch_up(transaction, now=now)
            rest = pacing.pace(transaction, runtime.connectors, now=now, by=now + ahead)
        ready = deliveries.make_ready(transaction, now=now, ahead=ahead, limit=READY_AT_ONCE, but=rest)
        waiting = deliveries.take_announcements(transaction, now=now, limit=ANNOUNCEMENTS_A_TICK)
        waiting += deliveries.take_stagings(transaction, now=now, limit=STAGINGS_A_TICK)
        waiting += _take_readings(transaction, now=now)
    reach("ticked")
    untold = _announce(runtime, dispatcher, [*_by_turn(ready, now, chunk), *hints(waiting, chunk=chunk)])
    if untold:
        with runtime.begin() as transaction:
            deliveries.tell_again(transaction, untold, now=now)
    made = len(ready)
    while not untold and len(ready) == READY_AT_ONCE:
        with runtime.begin() as transaction:
            ready = deliveries.make_ready(transaction, now=now, ahead=ahead, limit=READY_AT_ONCE, but=rest)
        untold = _announce(runtime, dispatcher, _by_turn(ready, now, chunk))
        made += len(ready)
    return Tick(swept=swept, ready=made, announced=made + len(waiting))


def lead(runtime: Runtime) -> bool:
    """True while this process is the leading planner.

    When none has led for longer than OUTAGE, the next tick spaces out what became due meanwhile (rule 11).
    A step of the clock is heeded with the lease: who sees us lead by the new time leaves the step to us.
    """
    now = runtime.clock.now()
    with taking_steps(runtime.clock) as take_step, runtime.begin() as transaction:
        led_until = leases.held_until(transaction, LEADER)
        if led_until and not _live_alike(led_until, now):
            now = runtime.clock.ask()  # or the last to see a step would lead by the time before it
        leading = leases.acquire(transaction, LEADER, holder=runtime.worker, now=now, ttl=LEADER_LEASE)
        if leading and led_until and now - led_until > OUTAGE:
            leases.note(transaction, STANDSTILL, until=led_until)
        if leading and (step := take_step()).by:
            heed_step(runtime, transaction, step, now=runtime.clock.now())
        if not leading:
            keep_told(runtime, transaction)
    if not leading:
        _leave_step(runtime, led_until)
    return leading


def _leave_step(runtime: Runtime, led_until: datetime | None) -> None:
    """What the clock did is for the leader to heed, who leads by the same time.

    One that leads by another has not seen it, and is not the leader at our next look: then it is for us.
    """
    step, now = runtime.clock.take_step(), runtime.clock.now()
    if not (led_until and _live_alike(led_until, now)):
        runtime.clock.put_back(step)


def _live_alike(led_until: datetime, now: datetime) -> bool:
    """Whether who leads until then does so by this time: its lease lasts still, and no longer than any."""
    return now <= led_until <= now + LEADER_LEASE


def resign(runtime: Runtime) -> None:
    """Let another planner lead at once."""
    with runtime.begin() as transaction:
        leases.give_up(transaction, LEADER, now=runtime.clock.now(), holder=runtime.worker)


def take_over(runtime: Runtime) -> None:
    """Lead at once and take back every claim: only for a process that knows it is alone."""
    now = runtime.clock.now()
    with runtime.begin() as transaction:
        leases.give_up(transaction, LEADER, now=now)
        deliveries.sweep_lapsed(transaction, now=now, alone=True)


def attend(runtime: Runtime, delivery_ids: Sequence[int]) -> int:
    """What a worker does with a hint; how many deliveries were looked for or sent.

    What is ready is published, then what is in doubt is looked for, and published where that is safe; what
    was recalled is taken down, what is live is read back, and what is due soon is laid out. What is sent is
    claimed one part after the other, for it is in memory with its images.
    """
    reach("hinted")
    with runtime.begin() as transaction:
        heed_decisions(runtime, transaction)
        hinted = deliveries.by_state(transaction, delivery_ids)
        images = images_of(transaction, delivery_ids)
    attended = sum(publish(runtime, part) for part in parts(hinted[State.READY], images))
    doubtful = [id_ for state in deliveries.LOOKED_AT for id_ in hinted[state]]
    if doubtful:
        attended += look(runtime, doubtful)
        attended += sum(publish(runtime, part) for part in parts(doubtful, images))
    if live := [*doubtful, *hinted[State.PUBLISHED]]:
        take_down(runtime, live)
        verify(runtime, live)
    for soon in parts(hinted[State.SCHEDULED], images):
        stage_early(runtime, soon)
    return attended


def drain(runtime: Runtime, *, chunk: int) -> int:
    """Publish here, one chunk at a time, what is ready and nobody took: a hint is only a hint (rule 9)."""
    with runtime.begin() as transaction:
        ids = deliveries.unheeded(transaction, now=runtime.clock.now(), limit=chunk)
    return attend(runtime, ids) if ids else 0


def _take_readings(transaction: Session, *, now: datetime) -> list[int]:
    """What is live is read back after what waits for a worker, or else a minute late."""
    busy = deliveries.has_ready(transaction)
    by = now - READINGS_YIELD if busy else now
    return verifications.take_readings(transaction, now=now, by=by, limit=READINGS_A_TICK)


def _catch_up(transaction: Session, *, now: datetime) -> None:
    """Once after a standstill; only a clock that is believed says what is overdue."""
    since = leases.held_until(transaction, STANDSTILL)
    if since is None:
        return
    leases.release(transaction, STANDSTILL)
    spaced, held = catch_up(transaction, now=now)
    log.warning("nothing was planned for a while", since=since.isoformat(), spaced=spaced, held=held)


def _announce(runtime: Runtime, dispatcher: Dispatcher, told: Iterable[Sequence[int]]) -> list[int]:
    """Hand hints over; what is left after the first that is lost, which is done here (rule 9)."""
    left = iter(told)
    for hint in left:
        try:
            dispatcher.announce(hint)
            reach("announced")
        except HintLost as error:
            log.warning("broker away, publishing in the planner", reason=str(error))
            attend(runtime, hint)
            return [*hint, *chain.from_iterable(left)]
    return []


def _by_turn(ready: Iterable[tuple[int, datetime]], now: datetime, chunk: int) -> Iterator[Sequence[int]]:
    """Hints for what is due, then for what is due soon: only together what is due in the same moment."""
    for _, group in groupby(ready, lambda one: max(0, -((now - one[1]) // APART))):
        yield from hints([id_ for id_, _ in group], chunk=chunk)
