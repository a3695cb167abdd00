"""Which report is wanted: a week, month or year of the whole matrix, or a campaign, as it is now."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from scheduler.core.periods import Kind, Period, last_complete, of_days
from scheduler.core.problems import refuse
from scheduler.core.time import zone
from scheduler.core.wording import N_
from scheduler.reports.dataset import Closing
from scheduler.reports.figures.building import Frame
from scheduler.services.runtime import Runtime
from scheduler.services.writing.campaigns import find_campaign
from scheduler.store.reach.remarks import ReportSubject
from scheduler.store.reach.reports import ReportKey, campaign_ran
from scheduler.store.tables import Organisation


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report by its frame: what the services about reports pass around."""

    frame: Frame
    organisation_id: int

    @property
    def subject(self) -> ReportSubject:
        """What it is about, whatever its closing."""
        return ReportSubject(
            organisation_id=self.organisation_id, period=self.frame.period.name, scope=self.frame.scope
        )

    @property
    def previous(self) -> "Wanted | None":
        """The one of the period before, as of the same instant; None for a campaign."""
        period = self.frame.period.previous
        return replace(self, frame=replace(self.frame, period=period)) if period else None

    def key(self, closing: Closing) -> ReportKey:
        """Under which it is frozen at this closing."""
        return ReportKey(
            organisation_id=self.organisation_id,
            period=self.frame.period.name,
            scope=self.frame.scope,
            closing=closing,
        )


def want_period(runtime: Runtime, kind: Kind, period: Period | None = None) -> Wanted:
    """A week, month or year over the whole matrix, by default the last complete one."""
    centre, now = _centre(runtime), runtime.clock.now()
    return _wanted(runtime, centre, period or last_complete(kind, now, zone(centre.time_zone)))


def want_campaign(
    runtime: Runtime, campaign: str, *, first: date | None = None, last: date | None = None
) -> Wanted:
    """A campaign from its first to its last publication, or between given days.

    Refused for one that is unknown or of which nothing went out, and for days in the wrong order.
    """
    centre = _centre(runtime)
    with runtime.begin() as session:
        find_campaign(session, runtime.organisation_id, campaign)
    begun, ended = first, last
    if begun is None or ended is None:
        ran = [at.astimezone(zone(centre.time_zone)).date() for at in _ran(runtime, campaign)]
        begun, ended = begun or ran[0], ended or ran[1]
    if ended < begun:
        raise refuse(N_("{last} is before {first}"), last=str(ended), first=str(begun))
    return _wanted(runtime, centre, of_days(begun, ended), scope=campaign)


def _ran(runtime: Runtime, campaign: str) -> tuple[datetime, datetime]:
    with runtime.begin() as session:
        ran = campaign_ran(session, runtime.organisation_id, campaign)
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
    return Wanted(frame, runtime.organisation_id)
