"""How far goals have come, from one still view of the books."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy.orm import Session

from scheduler.core import goals
from scheduler.core.catalogue import follower_metrics
from scheduler.core.facts import LevelFact
from scheduler.core.gains import Gain
from scheduler.core.goals import Aim
from scheduler.core.progress import Progress
from scheduler.core.weeks import day_end, first_instant
from scheduler.reports.figures.methods import used_metrics
from scheduler.reports.figures.progress import WEEK, LiveFact, YearFacts, YearSoFar, progress_of
from scheduler.reports.figures.slicing import matrix_of
from scheduler.services.reach.viewing import still_view
from scheduler.services.runtime import Runtime
from scheduler.store.reach import goals as store
from scheduler.store.reach.gains import gains_in, live_in
from scheduler.store.reach.levels import levels_over
from scheduler.store.reach.stretch import Stretch, began_at, channels_in, zone_of
from scheduler.store.reach.sums import Legend, legend_of, sums_in

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
    stretch = _stretch(runtime, starts_at, day_end(until, centre_zone))
    weeks = _weeks(session, runtime, starts_at, until)
    aims = [goal.aim for goal in found if goal.target is not None]
    legend = legend_of(session, runtime.organisation_id)
    levels = levels_over(session, [*weeks, stretch], _followed(runtime, aims))
    so_far = YearSoFar(
        year=year,
        zone=centre_zone,
        as_of=until,
        matrix=matrix_of(channels_in(session, stretch)),
        catalogue=runtime.catalogue,
        facts=_facts(session, runtime, stretch, legend, levels[-1]),
        weeks=len(weeks),
        gains=_by_metric(
            gains_in(session, weeks, used_metrics(runtime.catalogue), legend, apart=_named(aims))
        ),
        levels=levels[:-1],
    )
    return progress_of(found, so_far)


def _weeks(session: Session, runtime: Runtime, starts_at: datetime, until: datetime) -> list[Stretch]:
    """The whole weeks back from the day of `until`, the oldest first; none while they are too few.

    Nor those that were over before the matrix began.
    """
    if until - starts_at < LEAST_WEEKS:
        return []
    centre_zone = zone_of(session, runtime.organisation_id)
    begun_at = began_at(session, runtime.organisation_id) or until
    last = until.astimezone(centre_zone).date()
    bounds = [
        first_instant(last - WEEK * back, centre_zone) for back in range((until - starts_at) // WEEK, -1, -1)
    ]
    return [_stretch(runtime, start, end) for start, end in pairwise(bounds) if end > begun_at]


def _by_metric(gains: Iterable[Gain]) -> Mapping[str, Sequence[Gain]]:
    found = defaultdict[str, list[Gain]](list)
    for gain in gains:
        found[gain.metric].append(gain)
    return found


def _followed(runtime: Runtime, aims: Iterable[Aim]) -> Mapping[str, str]:
    """The followers of each platform, where a goal is about them."""
    return follower_metrics(runtime.catalogue) if any(aim.level for aim in aims) else {}


def _named(aims: Iterable[Aim]) -> set[str]:
    """The channels that have goals of their own."""
    return {aim.key for aim in aims if aim.dimension == "channel"}


def _facts(
    session: Session, runtime: Runtime, stretch: Stretch, legend: Legend, levels: tuple[LevelFact, ...]
) -> YearFacts:
    sums = sums_in(session, stretch, used_metrics(runtime.catalogue), legend)
    return YearFacts(
        starts_at=stretch.starts_at,
        publications=tuple(LiveFact(*row) for row in live_in(session, stretch, legend)),
        readings=sums.readings(),
        movements=sums.movements(),
        levels=levels,
    )


def _stretch(runtime: Runtime, starts_at: datetime, ends_at: datetime) -> Stretch:
    return Stretch(organisation_id=runtime.organisation_id, starts_at=starts_at, ends_at=ends_at)
