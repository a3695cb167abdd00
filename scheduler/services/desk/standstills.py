"""What keeps everything from being sent, or the counters of a whole platform from being read."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from scheduler.core.states import State
from scheduler.core.wording import N_
from scheduler.services.delivery.stepping import ASIDE, JUMPED
from scheduler.services.desk.causes import EVERY, Cause, Remedy
from scheduler.services.metrics.rationing import UNPAID_AGAIN
from scheduler.services.metrics.spending import costs_now
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.holding import stops
from scheduler.store.metrics import looks

UNPAID = N_("the month's money for reading its counters is spent, or none was set")


def standstills(session: Session, *, now: datetime) -> list[Cause]:
    """What keeps everything, or all that one machine would do, from being sent."""
    found = []
    if reason := stops.reason_of_stop(session):
        found.append(_standstill(reason, Remedy.RECOVER, "postroad recover", since=now))
    if jump := stops.jump_of(session):
        ids = tuple(deliveries.due_ids(session, now=now))
        command = "postroad clock accept --reason WHY"
        found.append(_standstill(JUMPED, Remedy.ACCEPT_CLOCK, command, since=jump.to, ids=ids))
    if aside := stops.standing_aside(session, now=now):
        command = "postroad clock show"
        found.append(_standstill(ASIDE, Remedy.SET_CLOCK, command, since=now, names=tuple(aside)))
    return found


def unread(session: Session, runtime: Runtime, *, now: datetime) -> list[Cause]:
    """The platforms that are read no more for what it costs; they count what would be read by now."""
    ours, by = runtime.organisation_id, now + UNPAID_AGAIN
    return [
        replace(
            _standstill(UNPAID, Remedy.RAISE_BUDGET, "postroad costs", since=now),
            state=State.PUBLISHED,
            platform=cost.platform,
            count=looks.count_due_on(session, ours, cost.platform, now=by),
        )
        for cost in costs_now(session, runtime, now=now)
        if cost.stopped
    ]


def _standstill(
    reason: str,
    remedy: Remedy,
    command: str,
    *,
    since: datetime,
    ids: tuple[int, ...] = (),
    names: tuple[str, ...] = (),
) -> Cause:
    return Cause(
        state=State.SCHEDULED,
        reason=reason,
        platform=EVERY,
        count=len(ids),
        oldest_at=since,
        remedy=remedy,
        command=command,
        deliveries=ids,
        posts=(),
        channels=names,
        urls=(),
    )
