"""What editors want to know beyond the totals, from the books as they stood at an instant."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy.orm import Session

from scheduler.core.catalogue import common_metrics, follower_metrics
from scheduler.core.facts import ChannelFact, LevelFact
from scheduler.core.notes import Note
from scheduler.core.time import zone
from scheduler.core.weeks import day_end, first_instant
from scheduler.reports.figures.worth_a_look import AHEAD, Watch, WeekSeen, resting_counters, worth_a_look
from scheduler.services.reach.viewing import still_view
from scheduler.services.runtime import Runtime
from scheduler.store.reach import watching
from scheduler.store.reach.levels import levels_over
from scheduler.store.reach.stretch import Stretch, channels_over, zone_of
from scheduler.store.reach.sums import StretchSums, legend_of, sums_in

WEEK = timedelta(weeks=1)
WEEKS_BEFORE = 12
RHYTHM_OVER = timedelta(days=90)
GRACE = timedelta(days=1)
SETTLED_AFTER = timedelta(days=1)
"""A channel younger than this may still wait for its first reading."""


def alerts(runtime: Runtime) -> tuple[Note, ...]:
    """What is worth a look now."""
    now = runtime.clock.now()
    with still_view(runtime) as session:
        return notes_at(session, runtime, now)


def notes_at(session: Session, runtime: Runtime, as_of: datetime) -> tuple[Note, ...]:
    """What was worth a look at that instant; what is overdue is only known of now."""
    catalogue = runtime.catalogue
    now = runtime.clock.now()
    org = runtime.organisation_id
    late = watching.overdue(session, org, before=now - GRACE) if now - as_of < WEEK else {}
    zones = watching.zones_of(session, org)
    ends = (as_of, as_of - SETTLED_AFTER)
    channels, settled = channels_over(session, [_stretch(runtime, end - WEEK, end) for end in ends])
    return worth_a_look(
        Watch(
            as_of=as_of,
            channels=channels,
            catalogue=catalogue,
            settled=frozenset(channel.id for channel in settled),
            zones={channel: zone(name) for channel, name in zones.items()},
            published=watching.published_in(session, _stretch(runtime, as_of - RHYTHM_OVER, as_of)),
            planned=watching.planned_in(session, _stretch(runtime, as_of, as_of + AHEAD)),
            overdue=late,
            weeks=_weeks(session, runtime, channels, as_of),
        )
    )


def _weeks(
    session: Session, runtime: Runtime, channels: Sequence[ChannelFact], as_of: datetime
) -> list[WeekSeen]:
    """Weeks of whole days in the zone of the centre; the last is that of `as_of`.

    What was read and brought in those before it is asked of the few channels that have resting counters.
    """
    catalogue, centre_zone = runtime.catalogue, zone_of(session, runtime.organisation_id)
    last_day = day_end(as_of, centre_zone).astimezone(centre_zone).date()
    metrics = {metric.name for platform in catalogue for metric in common_metrics(catalogue, platform)}
    bounds = [first_instant(last_day - WEEK * back, centre_zone) for back in range(WEEKS_BEFORE + 1, -1, -1)]
    stretches = [_stretch(runtime, starts_at, ends_at) for starts_at, ends_at in pairwise(bounds)]
    legend = legend_of(session, runtime.organisation_id)
    levels = levels_over(session, stretches, follower_metrics(catalogue))
    last = _seen(sums_in(session, stretches[-1], metrics, legend), levels[-1])
    few = legend.only(resting_counters(channels, catalogue, last))
    earlier = [sums_in(session, stretch, metrics, few) for stretch in stretches[:-1]]
    return [*map(_seen, earlier, levels), last]


def _seen(sums: StretchSums, levels: tuple[LevelFact, ...]) -> WeekSeen:
    return WeekSeen(
        read={channel_id for channel_id, _, _ in sums.read},
        brought=sums.brought(),
        failures=sums.failures(),
        levels=levels,
    )


def _stretch(runtime: Runtime, starts_at: datetime, ends_at: datetime) -> Stretch:
    return Stretch(organisation_id=runtime.organisation_id, starts_at=starts_at, ends_at=ends_at)
