"""Reports of a week, month, year or campaign: the frozen one, or built from one still view of the books."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from scheduler.core.catalogue import Catalogue, follower_metrics, people_metric
from scheduler.core.facts import Facts, LevelFact
from scheduler.core.manual import ManualReading
from scheduler.core.periods import Kind, Period, last_complete, of_days, of_week
from scheduler.core.problems import refuse
from scheduler.core.roles import Person, Right
from scheduler.core.side_by_side import compare_languages, most_answered
from scheduler.core.time import zone
from scheduler.core.weeks import Week
from scheduler.core.wording import N_
from scheduler.reports.building import Findings, Frame, build
from scheduler.reports.comparing import Compared
from scheduler.reports.dataset import Closing, Dimension, ReachDataset, Restatement, Section
from scheduler.reports.freezing import Comment, FrozenReport, freeze, thaw
from scheduler.reports.methods import used_metrics
from scheduler.reports.narrowing import of_campaign
from scheduler.reports.ranking import rank
from scheduler.reports.reach import NATIVE
from scheduler.reports.restating import changes
from scheduler.reports.slicing import matrix_of
from scheduler.services.explaining import explained, reasons
from scheduler.services.gaps import gaps_of
from scheduler.services.observing import hours_seen, observed
from scheduler.services.runtime import Runtime
from scheduler.services.side_by_side import posts_in_languages
from scheduler.services.thumbnails import thumbnails
from scheduler.services.viewing import still_view
from scheduler.store.facts import facts_of, texts_of
from scheduler.store.manual import readings_of
from scheduler.store.reach_facts import levels
from scheduler.store.remarks import (
    Remark,
    ReportSubject,
    Restated,
    add_remark,
    add_restatements,
    final_built_at,
    noticed_since,
    remarks_of,
    restated_figures,
)
from scheduler.store.reports import ReportKey, campaign_ran, has_campaign, store_dataset, stored_dataset
from scheduler.store.stretch import Stretch
from scheduler.store.tables import Organisation


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report by its frame: what the services about reports pass around."""

    frame: Frame
    subject: ReportSubject


def weekly_report(runtime: Runtime, week: Week | None = None) -> FrozenReport:
    """The report of a week, by default the last complete one; as `reach_report`."""
    return reach_report(runtime, Kind.WEEK, of_week(week) if week else None)


def reach_report(runtime: Runtime, kind: Kind, period: Period | None = None) -> FrozenReport:
    """The report of a week, month or year over the whole matrix, by default the last complete one.

    The first flash and the first final of a period are frozen: whoever asks again gets the same bytes. A
    period that still runs gives a preview, which is not kept; one that has not begun is Refused.
    """
    return open_report(runtime, want_period(runtime, kind, period))


def want_period(runtime: Runtime, kind: Kind, period: Period | None = None) -> Wanted:
    """A week, month or year over the whole matrix, by default the last complete one."""
    centre, now = _centre(runtime), runtime.clock.now()
    chosen = period or last_complete(kind, now, zone(centre.time_zone))
    return _wanted(runtime, centre, chosen)


def campaign_report(
    runtime: Runtime, campaign: str, *, first: date | None = None, last: date | None = None
) -> FrozenReport:
    """The report of a campaign from its first to its last publication, or between given days; also frozen.

    Refused for a campaign that is unknown or of which nothing went out, and for days in the wrong order.
    """
    return open_report(runtime, want_campaign(runtime, campaign, first=first, last=last))


def want_campaign(
    runtime: Runtime, campaign: str, *, first: date | None = None, last: date | None = None
) -> Wanted:
    """A campaign from its first to its last publication, or between given days; Refused as its report."""
    centre = _centre(runtime)
    begun, ended = first, last
    if begun is None or ended is None:
        ran = [at.astimezone(zone(centre.time_zone)).date() for at in _ran(runtime, campaign)]
        begun, ended = begun or ran[0], ended or ran[1]
    if ended < begun:
        raise refuse(N_("{last} is before {first}"), last=str(ended), first=str(begun))
    return _wanted(runtime, centre, of_days(begun, ended), scope=campaign)


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


def _wanted(runtime: Runtime, centre: Organisation, period: Period, *, scope: str = "") -> Wanted:
    frame = Frame(
        organisation=centre.name,
        period=period,
        zone=zone(centre.time_zone),
        catalogue=runtime.catalogue,
        now=runtime.clock.now(),
        scope=scope,
    )
    return Wanted(frame, _subject(runtime, frame, period))


def _subject(runtime: Runtime, frame: Frame, period: Period) -> ReportSubject:
    return ReportSubject(organisation_id=runtime.organisation_id, period=period.name, scope=frame.scope)


def open_report(runtime: Runtime, wanted: Wanted, *, edition: int | None = None) -> FrozenReport:
    """The report with the comments of an edition, by default the latest; see `reach_report`."""
    report = _frozen(runtime, wanted)
    with runtime.begin() as session:
        remarks = remarks_of(session, wanted.subject)
    latest = remarks[-1].edition if remarks else 1
    if edition is not None and not 1 <= edition <= latest:
        raise refuse(
            N_("{period} has no edition {edition}; the latest is {latest}"),
            period=wanted.frame.period.name,
            edition=edition,
            latest=latest,
        )
    told = [remark for remark in remarks if remark.edition <= (edition or latest)]
    comments = tuple(_comment(remark) for remark in told)
    return replace(report, comments=comments, pictures=thumbnails(runtime.media, report.dataset))


def comment(runtime: Runtime, wanted: Wanted, *, section: str, text: str, by: Person) -> int:
    """Write under a section of a period's reports; the number of the edition that this makes."""
    by.require(Right.COMMENT)
    if not text.strip():
        raise refuse(N_("a comment needs a text"))
    now = runtime.clock.now()
    if now < wanted.frame.ends_at:
        raise refuse(N_("{period} is not over"), period=wanted.frame.period.name)
    with runtime.begin() as session:
        return add_remark(
            session, wanted.subject, section=section, text=text.strip(), member_id=by.id, now=now
        )


def restate(runtime: Runtime, wanted: Wanted) -> tuple[Restated, ...]:
    """Note which figures of a final report are others now; those noticed before are not told again.

    The report itself stays as it is. Refused while there is no final report of the period.
    """
    with runtime.begin() as session:
        stored = stored_dataset(session, _key(wanted, Closing.FINAL))
    if stored is None:
        raise refuse(N_("{period} has no final report yet"), period=wanted.frame.period.name)
    rebuilt = _build(runtime, wanted)
    with runtime.begin() as session:
        known = restated_figures(session, wanted.subject)
        found = tuple(
            Restated(
                period=wanted.subject.period,
                place=place,
                old=old,
                new=new,
                noticed_at=wanted.frame.now,
            )
            for place, old, new in changes(thaw(stored).dataset, known, rebuilt)
        )
        add_restatements(session, wanted.subject, wanted.frame.period.kind, found)
    return found


def _comment(remark: Remark) -> Comment:
    return Comment(
        edition=remark.edition,
        section=remark.section,
        text=remark.text,
        author=remark.author,
        written_at=remark.written_at,
    )


def _frozen(runtime: Runtime, wanted: Wanted) -> FrozenReport:
    frame = wanted.frame
    if frame.now < frame.starts_at:
        raise refuse(N_("{period} has not begun"), period=frame.period.name)
    if frame.closing is Closing.PREVIEW:
        return freeze(_build(runtime, wanted))
    key = _key(wanted, frame.closing)
    with runtime.begin() as session:
        stored = stored_dataset(session, key)
    if stored:
        return thaw(stored)
    _restate_previous(runtime, wanted)
    return _keep(runtime, key, freeze(_build(runtime, wanted)))


def _key(wanted: Wanted, closing: Closing) -> ReportKey:
    subject = wanted.subject
    return ReportKey(
        organisation_id=subject.organisation_id, period=subject.period, scope=subject.scope, closing=closing
    )


def _restate_previous(runtime: Runtime, wanted: Wanted) -> None:
    """Before a report is frozen, look once more at the one before it, so that it tells what changed there."""
    previous = wanted.frame.period.previous
    if previous is None:
        return
    earlier = Wanted(replace(wanted.frame, period=previous), _subject(runtime, wanted.frame, previous))
    with runtime.begin() as session:
        stored = stored_dataset(session, _key(earlier, Closing.FINAL))
    if stored:
        restate(runtime, earlier)


def _build(runtime: Runtime, wanted: Wanted) -> ReachDataset:
    frame = wanted.frame
    with still_view(runtime) as session:
        now = _facts(session, runtime, frame, frame.period)
        times = Compared(
            now=now,
            before=_earlier(session, runtime, frame, frame.period.previous),
            year_before=_earlier(session, runtime, frame, frame.period.year_before),
        )
        matrix = matrix_of(now.channels)
        ranking = rank(matrix, frame.catalogue, now, now=frame.now)
        goals, notes = observed(session, runtime, frame)
        why = reasons(session, runtime, frame, matrix, ranking)
        hours = hours_seen(session, runtime, frame)
        posts = posts_in_languages(session, runtime, frame, now)
        findings = Findings(
            times=times,
            in_year=_levels_in_year(session, runtime, frame) if times.year_before else None,
            ranking=ranking,
            texts=texts_of(session, ranking.places),
            gaps=gaps_of(session, runtime, frame, matrix, ranking),
            restatements=_restatements(session, runtime, wanted),
            manual=_manual(session, runtime, frame),
        )
    dataset = explained(build(frame, matrix, findings), why)
    return replace(
        dataset,
        goals=goals,
        notes=notes,
        hours=hours,
        languages=compare_languages(posts),
        in_languages=most_answered(posts),
    )


def _manual(session: Session, runtime: Runtime, frame: Frame) -> list[ManualReading]:
    """What people entered of days that end in the period; of a campaign, what was counted for its posts."""
    first, last = frame.period.first_day, frame.period.last_day
    found = readings_of(
        session, runtime.organisation_id, first_day=first, last_day=last, campaign=frame.scope
    )
    return list(found.values())


def _restatements(session: Session, runtime: Runtime, wanted: Wanted) -> list[Restatement]:
    """What was noticed since the final report of the period before this one was frozen."""
    frame, previous = wanted.frame, wanted.frame.period.previous
    since = final_built_at(session, _subject(runtime, frame, previous)) if previous else None
    noticed = noticed_since(session, wanted.subject, frame.period.kind, since or frame.starts_at)
    return [
        Restatement(
            period=one.period,
            section=Section(one.place[0]),
            dimension=Dimension(one.place[1]),
            key=one.place[2],
            measure=one.place[3],
            old=one.old,
            new=one.new,
            noticed_at=one.noticed_at,
        )
        for one in noticed
        if one.period < wanted.subject.period
    ]


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
    return levels(session, stretch, follower_metrics(frame.catalogue))


def _facts(session: Session, runtime: Runtime, frame: Frame, period: Period) -> Facts:
    facts = facts_of(
        session,
        _stretch(runtime, period.starts_at(frame.zone), period.ends_at(frame.zone)),
        metrics=used_metrics(frame.catalogue),
        followers=follower_metrics(frame.catalogue),
        people=_people_metrics(frame.catalogue, frame.period.kind),
    )
    return of_campaign(facts, frame.scope) if frame.scope else facts


def _stretch(runtime: Runtime, starts_at: datetime, ends_at: datetime) -> Stretch:
    return Stretch(organisation_id=runtime.organisation_id, starts_at=starts_at, ends_at=ends_at)


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
