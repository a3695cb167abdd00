"""Reports of a week, month, year or campaign: the frozen one, or built from one still view of the books."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from scheduler.core.catalogue import Catalogue, follower_metric, people_metric
from scheduler.core.facts import Facts, LevelFact
from scheduler.core.periods import Kind, Period, last_complete, of_days, of_week
from scheduler.core.problems import refuse
from scheduler.core.time import zone
from scheduler.core.weeks import Week
from scheduler.core.wording import N_
from scheduler.reports.building import Findings, Frame, build
from scheduler.reports.comparing import Compared
from scheduler.reports.dataset import Closing, ReachDataset
from scheduler.reports.freezing import FrozenReport, freeze, thaw
from scheduler.reports.methods import used_metrics
from scheduler.reports.narrowing import of_campaign
from scheduler.reports.ranking import rank
from scheduler.reports.reach import NATIVE
from scheduler.reports.slicing import matrix_of
from scheduler.services.observing import observed
from scheduler.services.runtime import Runtime
from scheduler.store.facts import facts_of, texts_of
from scheduler.store.reach_facts import levels
from scheduler.store.reports import ReportKey, campaign_ran, has_campaign, store_dataset, stored_dataset
from scheduler.store.stretch import Stretch, hold_still
from scheduler.store.tables import Organisation


def weekly_report(runtime: Runtime, week: Week | None = None) -> FrozenReport:
    """The report of a week, by default the last complete one; as `reach_report`."""
    return reach_report(runtime, Kind.WEEK, of_week(week) if week else None)


def reach_report(runtime: Runtime, kind: Kind, period: Period | None = None) -> FrozenReport:
    """The report of a week, month or year over the whole matrix, by default the last complete one.

    The first flash and the first final of a period are frozen: whoever asks again gets the same bytes. A
    period that still runs gives a preview, which is not kept; one that has not begun is Refused.
    """
    centre, now = _centre(runtime), runtime.clock.now()
    return _report(
        runtime, _frame(runtime, centre, period or last_complete(kind, now, zone(centre.time_zone)))
    )


def campaign_report(
    runtime: Runtime, campaign: str, *, first: date | None = None, last: date | None = None
) -> FrozenReport:
    """The report of a campaign from its first to its last publication, or between given days; also frozen.

    Refused for a campaign that is unknown or of which nothing went out, and for days in the wrong order.
    """
    centre = _centre(runtime)
    begun, ended = first, last
    if begun is None or ended is None:
        ran = [at.astimezone(zone(centre.time_zone)).date() for at in _ran(runtime, campaign)]
        begun, ended = begun or ran[0], ended or ran[1]
    if ended < begun:
        raise refuse(N_("{last} is before {first}"), last=str(ended), first=str(begun))
    return _report(runtime, _frame(runtime, centre, of_days(begun, ended), scope=campaign))


def _ran(runtime: Runtime, campaign: str) -> tuple[datetime, datetime]:
    with runtime.begin() as session:
        known = has_campaign(session, runtime.organisation_id, campaign)
        ran = campaign_ran(session, runtime.organisation_id, campaign)
    if not known:
        raise refuse(N_("there is no campaign {name}"), name=campaign)
    if ran is None:
        raise refuse(N_("nothing of the campaign {name} went out yet"), name=campaign)
    return ran


def _centre(runtime: Runtime) -> Organisation:
    with runtime.begin() as session:
        return session.get_one(Organisation, runtime.organisation_id)


def _frame(runtime: Runtime, centre: Organisation, period: Period, *, scope: str = "") -> Frame:
    return Frame(
        organisation=centre.name,
        period=period,
        zone=zone(centre.time_zone),
        catalogue={name: connector.capabilities for name, connector in runtime.connectors.items()},
        now=runtime.clock.now(),
        scope=scope,
    )


def _report(runtime: Runtime, frame: Frame) -> FrozenReport:
    if frame.now < frame.starts_at:
        raise refuse(N_("{period} has not begun"), period=frame.period.name)
    if frame.closing is Closing.PREVIEW:
        return freeze(_build(runtime, frame))
    key = ReportKey(
        organisation_id=runtime.organisation_id,
        period=frame.period.name,
        scope=frame.scope,
        closing=frame.closing,
    )
    with runtime.begin() as session:
        stored = stored_dataset(session, key)
    return thaw(stored) if stored else _keep(runtime, key, freeze(_build(runtime, frame)))


def _build(runtime: Runtime, frame: Frame) -> ReachDataset:
    with runtime.begin() as session:
        hold_still(session)
        now = _facts(session, runtime, frame, frame.period)
        times = Compared(
            now=now,
            before=_earlier(session, runtime, frame, frame.period.previous),
            year_before=_earlier(session, runtime, frame, frame.period.year_before),
        )
        matrix = matrix_of(now.channels)
        ranking = rank(matrix, frame.catalogue, now, now=frame.now)
        findings = Findings(
            times=times,
            in_year=_levels_in_year(session, runtime, frame) if times.year_before else None,
            ranking=ranking,
            texts=texts_of(session, ranking.places),
        )
        goals, notes = observed(session, runtime, frame)
    return replace(build(frame, matrix, findings), goals=goals, notes=notes)


def _earlier(session: Session, runtime: Runtime, frame: Frame, period: Period | None) -> Facts | None:
    """The facts of a time to compare with; None where the books had not begun."""
    facts = _facts(session, runtime, frame, period) if period else None
    return facts if facts and facts.channels else None


def _levels_in_year(session: Session, runtime: Runtime, frame: Frame) -> Sequence[LevelFact] | None:
    """How the follower levels of a year before came to those of now."""
    year_before = frame.period.year_before
    if year_before is None:
        return None
    stretch = _stretch(runtime, year_before.ends_at(frame.zone), frame.ends_at)
    return levels(session, stretch, _follower_metrics(frame.catalogue))


def _facts(session: Session, runtime: Runtime, frame: Frame, period: Period) -> Facts:
    facts = facts_of(
        session,
        _stretch(runtime, period.starts_at(frame.zone), period.ends_at(frame.zone)),
        metrics=used_metrics(frame.catalogue),
        followers=_follower_metrics(frame.catalogue),
        people=_people_metrics(frame.catalogue, frame.period.kind),
    )
    return of_campaign(facts, frame.scope) if frame.scope else facts


def _stretch(runtime: Runtime, starts_at: datetime, ends_at: datetime) -> Stretch:
    return Stretch(organisation_id=runtime.organisation_id, starts_at=starts_at, ends_at=ends_at)


def _follower_metrics(catalogue: Catalogue) -> dict[str, str]:
    found = {platform: follower_metric(catalogue, platform) for platform in catalogue}
    return {platform: metric.name for platform, metric in found.items() if metric}


def _people_metrics(catalogue: Catalogue, kind: Kind) -> dict[str, str]:
    found = {platform: people_metric(catalogue, platform, NATIVE.get(kind, "")) for platform in catalogue}
    return {platform: metric.name for platform, metric in found.items() if metric}


def _keep(runtime: Runtime, key: ReportKey, report: FrozenReport) -> FrozenReport:
    """Freeze it; when somebody froze another first, theirs is the report."""
    with runtime.begin() as session:
        kept = store_dataset(
            session,
            key,
            report.text,
            digest=report.sha256,
            cut_off_at=report.dataset.cut_off_at,
            built_at=report.dataset.built_at,
        )
    return thaw(kept)
