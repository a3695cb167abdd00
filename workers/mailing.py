"""When the planner mails the week's report."""

from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

import structlog
from apscheduler.triggers.cron import CronTrigger

from scheduler.core.mailing import ON_SCHEDULE
from scheduler.core.problems import Refused
from scheduler.services.reach.smtp import MailServer
from scheduler.services.runtime import Runtime

if TYPE_CHECKING:
    from scheduler.reports.freezing import FrozenReport

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FINAL_AFTER_DAYS = 3

log = structlog.get_logger("postroad.planner")


def weekly_report(runtime: Runtime) -> "FrozenReport":
    """The report of last week; what builds reports is loaded here: a planner needs it once a week."""
    reporting = import_module("scheduler.services.reach.reporting")
    return cast("FrozenReport", reporting.weekly_report(runtime))


@dataclass(frozen=True, slots=True)
class Post:
    """What carries the report, and at which hour of the week, such as `Mon 08:00`."""

    server: MailServer
    at: str

    def trigger(self, zone: ZoneInfo) -> CronTrigger:
        """The set hour of the zone on the set day, and three days later when the week is final.

        Then every hour until the day ends: whoever could not be reached is tried again, nobody else.
        """
        day, _, clock = self.at.partition(" ")
        hour, _, minute = clock.partition(":")
        first = DAYS.index(day.lower())
        days = f"{DAYS[first]},{DAYS[(first + FINAL_AFTER_DAYS) % len(DAYS)]}"
        return CronTrigger(day_of_week=days, hour=f"{int(hour)}-23", minute=int(minute), timezone=zone)

    def send(self, runtime: Runtime) -> None:
        """Make the report where it is not made, and mail it to those who have not had this edition.

        There is none of the week before the centre was set up.
        What renders is loaded when it is first needed, as the report is.
        """
        try:
            report = weekly_report(runtime)
        except Refused as refused:
            log.info("no report to mail yet", why=str(refused))
            return
        mailing = import_module("scheduler.services.reach.mailing")
        done = mailing.send_report(runtime, report, self.server, again=ON_SCHEDULE)
        states = Counter(str(one.state) for one in done if one.tried)
        log.info("report mailed", week=report.dataset.period.name, **states)
