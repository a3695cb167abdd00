"""What the books say for a report, read in one still view."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from connectors.counters.manual import PLATFORM as MANUAL
from scheduler.core.catalogue import Catalogue, follower_metrics, people_metric
from scheduler.core.countries import CountrySplit
from scheduler.core.facts import Facts, LevelFact
from scheduler.core.manual import ManualReading
from scheduler.core.periods import Kind, Period
from scheduler.reports.figures.comparing import Times, times
from scheduler.reports.figures.methods import used_metrics
from scheduler.reports.figures.narrowing import of_campaign
from scheduler.reports.figures.reach import NATIVE
from scheduler.reports.figures.slicing import Matrix
from scheduler.services.reach.wanting import Wanted
from scheduler.store.metrics.countries import latest_splits
from scheduler.store.metrics.manual import readings_of
from scheduler.store.reach.facts import facts_over
from scheduler.store.reach.levels import levels
from scheduler.store.reach.stretch import Stretch


def times_of(session: Session, wanted: Wanted) -> Times:
    """The facts of the period and of those it is compared with."""
    period = wanted.frame.period
    told = _facts_of(session, wanted, [one for one in (period, period.previous, period.year_before) if one])
    before, year_before = (told[one] if one else None for one in (period.previous, period.year_before))
    return times(told[period], before=before, year_before=year_before)


def facts_in(session: Session, wanted: Wanted, period: Period) -> Facts:
    """The facts of a period, of a campaign's report only those of the campaign."""
    return _facts_of(session, wanted, [period])[period]


def _facts_of(session: Session, wanted: Wanted, periods: Sequence[Period]) -> dict[Period, Facts]:
    frame = wanted.frame
    found = facts_over(
        session,
        [_stretch(wanted, one.starts_at(frame.zone), one.ends_at(frame.zone)) for one in periods],
        metrics=used_metrics(frame.catalogue),
        followers=follower_metrics(frame.catalogue),
        people=_people_metrics(frame.catalogue, frame.period.kind),
    )
    return {
        period: of_campaign(facts, frame.scope) if frame.scope else facts
        for period, facts in zip(periods, found, strict=True)
    }


def levels_in_year(session: Session, wanted: Wanted) -> Sequence[LevelFact] | None:
    """How the follower levels of a year before came to those of now."""
    frame, year_before = wanted.frame, wanted.frame.period.year_before
    if year_before is None:
        return None
    stretch = _stretch(wanted, year_before.ends_at(frame.zone), frame.ends_at)
    return levels(session, stretch, follower_metrics(frame.catalogue))


def entered(session: Session, wanted: Wanted) -> list[ManualReading]:
    """What people entered of days that end in the period; of a campaign, what was counted for its posts."""
    first, last = wanted.frame.period.first_day, wanted.frame.period.last_day
    found = readings_of(
        session, wanted.organisation_id, first_day=first, last_day=last, campaign=wanted.frame.scope
    )
    return list(found.values())


def followers_by_country(session: Session, wanted: Wanted, matrix: Matrix) -> list[CountrySplit]:
    """The last split of each channel by the period's end; of a campaign, of the channels it went out on."""
    beside = () if wanted.frame.scope else (MANUAL,)
    found = latest_splits(session, wanted.organisation_id, until=wanted.frame.period.last_day)
    return [one for one in found if one.channel_id in matrix.channels or one.platform in beside]


def _stretch(wanted: Wanted, starts_at: datetime, ends_at: datetime) -> Stretch:
    return Stretch(organisation_id=wanted.organisation_id, starts_at=starts_at, ends_at=ends_at)


def _people_metrics(catalogue: Catalogue, kind: Kind) -> dict[str, str]:
    found = {platform: people_metric(catalogue, platform, NATIVE.get(kind, "")) for platform in catalogue}
    return {platform: metric.name for platform, metric in found.items() if metric}
