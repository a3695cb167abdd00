"""The weekly report: the frozen one when there is one, otherwise built from one still view of the books."""

from sqlalchemy.orm import Session

from scheduler.core.catalogue import Catalogue, follower_metric
from scheduler.core.facts import Facts
from scheduler.core.problems import refuse
from scheduler.core.time import zone
from scheduler.core.weeks import Week, last_complete_week
from scheduler.core.wording import N_
from scheduler.reports.building import Frame, build
from scheduler.reports.dataset import Closing, WeeklyDataset
from scheduler.reports.freezing import FrozenReport, freeze, thaw
from scheduler.reports.methods import used_metrics
from scheduler.reports.ranking import rank
from scheduler.reports.slicing import matrix_of
from scheduler.services.runtime import Runtime
from scheduler.store.facts import facts_of, texts_of
from scheduler.store.reports import ReportKey, store_dataset, stored_dataset
from scheduler.store.stretch import Stretch, hold_still
from scheduler.store.tables import Organisation

WHOLE_MATRIX = ""


def weekly_report(runtime: Runtime, week: Week | None = None) -> FrozenReport:
    """The report of a week, by default the last complete one.

    The first flash and the first final of a week are frozen: whoever asks again gets the same bytes. A week
    that still runs gives a preview, which is not kept; one that has not begun is Refused.
    """
    frame = _frame(runtime, week)
    if frame.now < frame.starts_at:
        raise refuse(N_("week {week} has not begun"), week=str(frame.week))
    if frame.closing is Closing.PREVIEW:
        return freeze(_build(runtime, frame))
    key = ReportKey(
        organisation_id=runtime.organisation_id,
        period=str(frame.week),
        scope=WHOLE_MATRIX,
        closing=frame.closing,
    )
    with runtime.begin() as session:
        stored = stored_dataset(session, key)
    return thaw(stored) if stored else _keep(runtime, key, freeze(_build(runtime, frame)))


def _frame(runtime: Runtime, week: Week | None) -> Frame:
    now = runtime.clock.now()
    with runtime.begin() as session:
        organisation = session.get_one(Organisation, runtime.organisation_id)
    centre_zone = zone(organisation.time_zone)
    return Frame(
        organisation=organisation.name,
        week=week or last_complete_week(now, centre_zone),
        zone=centre_zone,
        catalogue={name: connector.capabilities for name, connector in runtime.connectors.items()},
        now=now,
    )


def _build(runtime: Runtime, frame: Frame) -> WeeklyDataset:
    with runtime.begin() as session:
        hold_still(session)
        now = _facts(session, runtime, frame, frame.week)
        before = _facts(session, runtime, frame, frame.week.previous)
        matrix = matrix_of(now.channels)
        ranking = rank(matrix, frame.catalogue, now, now=frame.now)
        texts = texts_of(session, ranking.places)
    return build(frame, matrix, now=now, before=before, ranking=ranking, texts=texts)


def _facts(session: Session, runtime: Runtime, frame: Frame, week: Week) -> Facts:
    stretch = Stretch(
        organisation_id=runtime.organisation_id,
        starts_at=week.starts_at(frame.zone),
        ends_at=week.ends_at(frame.zone),
    )
    metrics = used_metrics(frame.catalogue)
    return facts_of(session, stretch, metrics=metrics, followers=_follower_metrics(frame.catalogue))


def _follower_metrics(catalogue: Catalogue) -> dict[str, str]:
    found = {platform: follower_metric(catalogue, platform) for platform in catalogue}
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
