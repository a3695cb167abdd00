"""How far goals have come, from one still view of the books."""

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from scheduler.core import goals
from scheduler.core.catalogue import Catalogue, follower_metrics
from scheduler.core.facts import Facts
from scheduler.core.progress import Progress
from scheduler.core.weeks import day_end, first_instant
from scheduler.reports.methods import used_metrics
from scheduler.reports.progress import WEEK, YearSoFar, progress_of
from scheduler.reports.slicing import matrix_of
from scheduler.services.runtime import Runtime
from scheduler.services.viewing import still_view
from scheduler.store import goals as store
from scheduler.store.facts import facts_of
from scheduler.store.stretch import Stretch, began_at, zone_of

LEAST_WEEKS = timedelta(weeks=8)


def list_goals(runtime: Runtime, *, year: int | None = None) -> list[Progress]:
    """How far the goals of a year, by default this one, have come by now."""
    now = runtime.clock.now()
    with still_view(runtime) as session:
        chosen = year or now.astimezone(zone_of(session, runtime.organisation_id)).year
        return list(follow(session, runtime, chosen, as_of=now))


def follow(session: Session, runtime: Runtime, year: int, *, as_of: datetime) -> tuple[Progress, ...]:
    """How far each goal of a year had come at `as_of`, or at the year's end if that was earlier."""
    found = store.goals_of(session, runtime.organisation_id, year=year)
    if all(goal.target is None for goal in found):
        return ()
    centre_zone = zone_of(session, runtime.organisation_id)
    starts_at = goals.starts_at(year, centre_zone)
    until = max(min(as_of, goals.ends_at(year, centre_zone)), starts_at)
    catalogue = runtime.catalogue
    facts = _facts(session, runtime, catalogue, starts_at, day_end(until, centre_zone))
    begun_at = began_at(session, runtime.organisation_id) or until
    weeks = [
        _facts(session, runtime, catalogue, start, end)
        for start, end in _weeks(starts_at, until, centre_zone)
        if end > begun_at
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
    followers = follower_metrics(catalogue)
    return facts_of(session, stretch, metrics=used_metrics(catalogue), followers=followers)
