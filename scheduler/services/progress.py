"""How far goals have come, from one still view of the books."""

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from scheduler.core import goals
from scheduler.core.catalogue import Catalogue, follower_metric
from scheduler.core.facts import Facts
from scheduler.core.progress import Progress
from scheduler.core.time import zone
from scheduler.core.weeks import day_end, first_instant
from scheduler.reports.methods import used_metrics
from scheduler.reports.progress import WEEK, YearSoFar, progress_of
from scheduler.reports.slicing import matrix_of
from scheduler.services.runtime import Runtime
from scheduler.store import goals as store
from scheduler.store.facts import facts_of
from scheduler.store.stretch import Stretch, hold_still
from scheduler.store.tables import Organisation

LEAST_WEEKS = timedelta(weeks=8)


def list_goals(runtime: Runtime, *, year: int | None = None) -> list[Progress]:
    """How far the goals of a year, by default this one, have come by now."""
    now = runtime.clock.now()
    with runtime.begin() as session:
        hold_still(session)
        chosen = year or now.astimezone(zone_of(session, runtime)).year
        return list(follow(session, runtime, chosen, as_of=now))


def follow(session: Session, runtime: Runtime, year: int, *, as_of: datetime) -> tuple[Progress, ...]:
    """How far each goal of a year had come at `as_of`, or at the year's end if that was earlier."""
    found = store.goals_of(session, runtime.organisation_id, year=year)
    if all(goal.target is None for goal in found):
        return ()
    centre_zone = zone_of(session, runtime)
    starts_at = goals.starts_at(year, centre_zone)
    until = max(min(as_of, goals.ends_at(year, centre_zone)), starts_at)
    catalogue = catalogue_of(runtime)
    facts = _facts(session, runtime, catalogue, starts_at, day_end(until, centre_zone))
    weeks = [
        _facts(session, runtime, catalogue, start, end)
        for start, end in _weeks(starts_at, until, centre_zone)
    ]
    so_far = YearSoFar(
        year=year,
        zone=centre_zone,
        as_of=until,
        matrix=matrix_of(facts.channels),
        catalogue=catalogue,
        facts=facts,
        weeks=tuple(weeks),
    )
    return progress_of(found, so_far)


def catalogue_of(runtime: Runtime) -> Catalogue:
    """What every installed connector counts."""
    return {name: connector.capabilities for name, connector in runtime.connectors.items()}


def zone_of(session: Session, runtime: Runtime) -> ZoneInfo:
    """The zone of the organisation, in which its years begin."""
    return zone(session.get_one(Organisation, runtime.organisation_id).time_zone)


def _weeks(starts_at: datetime, until: datetime, centre_zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The whole weeks back from the day of `until`, the oldest first; none while they are too few."""
    if until - starts_at < LEAST_WEEKS:
        return []
    count = (until - starts_at) // WEEK
    last = until.astimezone(centre_zone).date()
    bounds = [first_instant(last - WEEK * back, centre_zone) for back in range(count, -1, -1)]
    return list(pairwise(bounds))


def _facts(
    session: Session, runtime: Runtime, catalogue: Catalogue, starts_at: datetime, ends_at: datetime
) -> Facts:
    stretch = Stretch(organisation_id=runtime.organisation_id, starts_at=starts_at, ends_at=ends_at)
    levels = {platform: follower_metric(catalogue, platform) for platform in catalogue}
    followers = {platform: metric.name for platform, metric in levels.items() if metric}
    return facts_of(session, stretch, metrics=used_metrics(catalogue), followers=followers)
