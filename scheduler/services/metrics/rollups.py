"""Keeping the roll-ups and the readings behind them: rebuilding, thinning, and room for the months to come.

Each channel is done in a transaction of its own, while harvests go on; to begin again after a break does no
harm.
"""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.services.runtime import Runtime
from scheduler.store.metrics.months import make_months
from scheduler.store.metrics.rollups import calendars_of, forget
from scheduler.store.metrics.thinning import thin_channel
from scheduler.store.tables import Channel

Progress = Callable[[int, int], None]
NIGHTS = timedelta(days=8)
"""So many nights a planner may stand still before readings are left to `postroad rollup thin`."""


def rebuild(runtime: Runtime, *, progress: Progress) -> int:
    """Make all roll-ups anew from the readings; of how many channels."""

    def again(session: Session, channel_id: int) -> int:
        forget(session, Channel.id == channel_id)
        return len(calendars_of(session, [channel_id]))

    return _each(runtime, again, progress)


def thin(runtime: Runtime, *, keep: timedelta, progress: Progress) -> int:
    """Thin the readings that are older than `keep`, which changes no report; how many fewer there are."""
    before = runtime.clock.now() - keep
    return _each(runtime, lambda session, id_: thin_channel(session, id_, before=before), progress)


def thin_lately(runtime: Runtime, *, keep: timedelta) -> int:
    """As `thin`, of the eight days before `keep` only: every night that is all there is to thin."""
    before = runtime.clock.now() - keep
    since = before - NIGHTS
    return _each(
        runtime, lambda session, id_: thin_channel(session, id_, before=before, since=since), _quietly
    )


def make_room(runtime: Runtime) -> list[str]:
    """Make the parts of this month and of some to come; the names of those that were missing."""
    now = runtime.clock.now()
    with runtime.begin() as session:
        return make_months(session.connection(), since=now, now=now)


def _quietly(_done: int, _of: int) -> None:
    """Nobody watches at night."""


def _each(runtime: Runtime, work: Callable[[Session, int], int], progress: Progress) -> int:
    with runtime.begin() as session:
        own = select(Channel.id).where(Channel.organisation_id == runtime.organisation_id)
        channels = session.scalars(own.order_by(Channel.id)).all()
    total = 0
    for done, channel_id in enumerate(channels, 1):
        with runtime.begin() as session:
            total += work(session, channel_id)
        progress(done, len(channels))
    return total
