"""Reports of a week, month, year or campaign: the frozen one, or built from one still view of the books."""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from scheduler.core.periods import Kind, Period, of_week, running
from scheduler.core.problems import refuse
from scheduler.core.weeks import Week
from scheduler.core.wording import N_
from scheduler.reports.dataset import Closing, ReachDataset
from scheduler.reports.figures.building import Findings, Frame, build
from scheduler.reports.figures.collecting import collecting_nothing
from scheduler.reports.figures.ranking import rank
from scheduler.reports.figures.slicing import matrix_of
from scheduler.reports.freezing import FrozenReport, freeze, thaw
from scheduler.reports.rendering import KINDS
from scheduler.services.reach.commenting import comments_of
from scheduler.services.reach.explaining import explained, reasons
from scheduler.services.reach.gaps import gaps_of
from scheduler.services.reach.gathering import entered, followers_by_country, levels_in_year, times_of
from scheduler.services.reach.observing import hours_seen, observed
from scheduler.services.reach.restating import moved_before, note_before, told
from scheduler.services.reach.side_by_side import posts_in_languages
from scheduler.services.reach.thumbnails import thumbnails
from scheduler.services.reach.viewing import still_view
from scheduler.services.reach.wanting import Wanted, want_period
from scheduler.services.runtime import Runtime
from scheduler.store.reach.facts import texts_of
from scheduler.store.reach.remarks import Restated
from scheduler.store.reach.reports import store_dataset, stored_dataset
from scheduler.store.reach.stretch import began_at
from scheduler.store.tables import Organisation
from scheduler.store.turns import take_turn

NO_FLASH = N_("{period} has no flash: nobody asked for its report within 72 hours of its end")
OVER = N_("the books begin on {day}: {period} was over by then")
OVER_BUT_RUNNING = N_(
    "the books begin on {day}: {period} was over by then; for a preview of the one that runs: {command}"
)


def weekly_report(runtime: Runtime, week: Week | None = None) -> FrozenReport:
    """The report of a week, by default the last complete one; as `reach_report`."""
    return reach_report(runtime, Kind.WEEK, of_week(week) if week else None)


def reach_report(runtime: Runtime, kind: Kind, period: Period | None = None) -> FrozenReport:
    """The report of a week, month or year over the whole matrix, by default the last complete one.

    The first flash and the first final of a period are frozen: whoever asks again gets the same bytes. A
    period that still runs gives a preview, which is not kept; one that has not begun, or was over before the
    centre was set up, is Refused.
    """
    return open_report(runtime, want_period(runtime, kind, period))


def open_report(
    runtime: Runtime, wanted: Wanted, *, edition: int | None = None, flash: bool = False
) -> FrozenReport:
    """The report with the comments of an edition, by default the latest; see `reach_report`.

    With `flash` as the first closing froze it, also after the final one; Refused where it froze none.
    """
    with collecting_nothing():
        report = _flash(runtime, wanted) if flash else _frozen(runtime, wanted)
    comments = comments_of(runtime, wanted, edition=edition)
    return replace(report, comments=comments, pictures=thumbnails(runtime.media, report.dataset))


def _frozen(runtime: Runtime, wanted: Wanted) -> FrozenReport:
    frame = wanted.frame
    if frame.now < frame.starts_at:
        raise refuse(N_("{period} has not begun"), period=frame.period.name)
    if frame.closing is Closing.PREVIEW:
        return freeze(_build(runtime, wanted).dataset)
    with runtime.begin() as session:
        stored = stored_dataset(session, wanted.key(frame.closing))
        if stored is None:
            _require_books(session, wanted)
    return thaw(stored) if stored else _keep(runtime, wanted, _build(runtime, wanted))


def _flash(runtime: Runtime, wanted: Wanted) -> FrozenReport:
    if wanted.frame.closing is Closing.FLASH:
        return _frozen(runtime, wanted)
    with runtime.begin() as session:
        stored = stored_dataset(session, wanted.key(Closing.FLASH))
    if stored is None:
        raise refuse(NO_FLASH, period=wanted.frame.period.name)
    return thaw(stored)


def _require_books(session: Session, wanted: Wanted) -> None:
    """Refused for what was over before the centre was set up: nobody knows that there was nothing."""
    frame = wanted.frame
    set_up_at = session.get_one(Organisation, wanted.organisation_id).created_at
    begun_at = min(began_at(session, wanted.organisation_id) or set_up_at, set_up_at)
    if frame.ends_at <= begun_at and not entered(session, wanted):
        day, command = begun_at.astimezone(frame.zone).date(), _preview(frame)
        message = OVER_BUT_RUNNING if command else OVER
        raise refuse(message, day=str(day), period=frame.period.name, command=command)


def _preview(frame: Frame) -> str:
    """The command that shows the week, month or year in which we are; none of a campaign."""
    kind = frame.period.kind
    if kind is Kind.CAMPAIGN:
        return ""
    return f"postroad report {KINDS[kind]} --{kind} {running(kind, frame.now, frame.zone).name}"


@dataclass(frozen=True, slots=True)
class _Built:
    """A dataset, and what it tells of the report before it that nobody noticed until now."""

    dataset: ReachDataset
    moved: tuple[Restated, ...]


def _build(runtime: Runtime, wanted: Wanted) -> _Built:
    frame = wanted.frame
    with still_view(runtime) as session:
        times = times_of(session, wanted)
        closed = frame.closing is not Closing.PREVIEW
        moved = moved_before(session, wanted, times.before) if closed else ()
        matrix = matrix_of(times.now.channels)
        ranking = rank(matrix, frame.catalogue, times.now, now=frame.now)
        goals, notes = observed(session, runtime, frame)
        findings = Findings(
            times=times,
            in_year=levels_in_year(session, wanted) if times.year_before else None,
            ranking=ranking,
            texts=texts_of(session, ranking.places),
            gaps=gaps_of(session, runtime, frame, matrix, ranking),
            restatements=told(session, wanted, moved),
            manual=entered(session, wanted),
            splits=followers_by_country(session, wanted, matrix),
            goals=goals,
            notes=notes,
            hours=hours_seen(session, runtime, frame),
            posts=posts_in_languages(session, runtime, frame, times.now),
        )
        why = reasons(session, runtime, frame, matrix, ranking)
    return _Built(explained(build(frame, matrix, findings), why), moved)


def _keep(runtime: Runtime, wanted: Wanted, built: _Built) -> FrozenReport:
    """Freeze it with what it noticed, unless somebody froze another first: theirs is the report then."""
    report, key = freeze(built.dataset), wanted.key(wanted.frame.closing)
    with runtime.begin() as session:
        take_turn(session, runtime.organisation_id)
        stored = stored_dataset(session, key)
        if stored is None:
            note_before(session, wanted, built.moved)
            stored = store_dataset(
                session,
                key,
                report.text,
                digest=report.sha256,
                cut_off_at=report.dataset.cut_off_at,
                built_at=report.dataset.built_at,
            )
    return report if stored == report.text else thaw(stored)
