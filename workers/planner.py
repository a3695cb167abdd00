"""The planner process: APScheduler ticks in memory; the rows are the schedule."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.job import Job
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from scheduler.core.time import zone
from scheduler.services.channels.renewing import renew_early
from scheduler.services.delivery import planning
from scheduler.services.delivery.planning import Dispatcher
from scheduler.services.delivery.rezoning import derive_again
from scheduler.services.metrics.harvesting import harvest
from scheduler.services.metrics.rollups import make_room, thin_lately
from scheduler.services.runtime import Runtime
from scheduler.services.setting_up import organisation_zone
from workers.liveness import Pulse
from workers.mailing import Post, weekly_report
from workers.outage import Outage

DRAIN_EVERY_S = 2
HARVEST_EVERY_S = 300
RENEW_EVERY_S = 60
WATCH_EVERY_S = 1.0
AGAIN = timedelta(minutes=1)
TICKING = "ticking"
"""The thread of the ticks alone: what reads counters or makes reports may take all others for minutes."""

log = structlog.get_logger("postroad.planner")


class Planner:
    """Ticks until stopped. Any number may run on one database; one of them leads."""

    def __init__(
        self,
        runtime: Runtime,
        dispatcher: Dispatcher,
        *,
        chunk: int,
        tick_s: float,
        ahead_s: float = 0,
        post: Post | None = None,
        keep: timedelta | None = None,
    ) -> None:
        self._runtime = runtime
        self._dispatcher = dispatcher
        self._chunk = chunk
        self.pulse = Pulse("planner", busy_s=runtime.lease.total_seconds())
        self._ahead = timedelta(seconds=ahead_s)
        self._zones_followed = False
        self._over = threading.Event()
        self._watching = threading.Thread(target=self._watch, name="planner-clock", daemon=True)
        self._outage = Outage()
        self._undone = set[str]()
        self._ticks = _make_scheduler()
        self._plan(self._go_round, IntervalTrigger(seconds=tick_s), name="tick", executor=TICKING)
        self._plan(self._drain, IntervalTrigger(seconds=DRAIN_EVERY_S), name="drain")
        self._plan(self._harvest, IntervalTrigger(seconds=HARVEST_EVERY_S), name="harvest")
        self._plan(self._renew, IntervalTrigger(seconds=RENEW_EVERY_S), name="renew", at_once=True)
        self._plan(self._close_week, _every_morning(runtime), name="report")
        if post:
            at = post.trigger(zone(organisation_zone(runtime)))
            self._plan(self._mail, at, post, name="mail")
        self._plan(self._derive_again, _every_morning(runtime), name="zones")
        self._plan(self._make_room, _every_morning(runtime), name="months", at_once=True)
        if keep:
            self._plan(self._thin, _every_morning(runtime, hour=3), keep, name="thin")

    def start(self) -> None:
        """Begin to tick, on threads of its own."""
        self._ticks.start()
        self._watching.start()

    def stop(self) -> None:
        """Finish the tick that runs, then let another planner lead: at once, if the database is there."""
        self._over.set()
        self._watching.join()
        self._ticks.shutdown(wait=True)
        with self._outage.told():
            planning.resign(self._runtime)

    def _plan(
        self,
        job: Callable[..., None],
        trigger: BaseTrigger,
        *args: object,
        name: str,
        at_once: bool = False,
        executor: str = "default",
    ) -> None:
        """Do the job whenever the trigger says so, and where asked at the start as well.

        What the database kept from its end is done again soon, not when a daily trigger has its next day.
        No job is for the start alone: APScheduler 3 fails when it is stopped while it takes such a one away.
        """
        first = {"next_run_time": datetime.now(UTC)} if at_once else {}
        self._ticks.add_job(
            self._do, trigger, args=[name, job, *args], id=name, name=name, executor=executor, **first
        )

    def _do(self, name: str, job: Callable[..., None], *args: object) -> None:
        with self._outage.told(undone=lambda: self._undone.add(name)):
            job(*args)

    def _watch(self) -> None:
        """Jobs leave their next run to this thread: who asks for the plan while it is ended would hang."""
        while not self._over.wait(WATCH_EVERY_S):
            now = datetime.now(UTC)
            bring_forward(self._ticks, now=now)
            for name in tuple(self._undone):
                self._undone.discard(name)
                not_later(self._ticks.get_job(name), now + AGAIN)

    def _go_round(self) -> None:
        with self.pulse.beating():
            self._tick()
        self._outage.end()

    def _tick(self) -> None:
        if not planning.lead(self._runtime):
            return
        if not self._zones_followed:
            self._derive_again()
        done = planning.tick(self._runtime, self._dispatcher, chunk=self._chunk, ahead=self._ahead)
        if done.swept or done.ready or done.announced:
            log.info("tick", swept=done.swept, ready=done.ready, announced=done.announced)

    def _drain(self) -> None:
        """Leading or not: what lies about is published, whatever the broker and the workers do."""
        if done := planning.drain(self._runtime, chunk=self._chunk):
            log.warning("hints not heeded, published in the planner", count=done)

    def _harvest(self) -> None:
        if planning.lead(self._runtime):
            harvest(self._runtime)

    def _renew(self) -> None:
        """Renew tokens in good time, so that publishing need not wait for it."""
        if planning.lead(self._runtime):
            renew_early(self._runtime)

    def _derive_again(self) -> None:
        """Follow new rules of time zones: every morning, and before the first tick that this planner leads.

        Not at its start, when the planner before it may still hold the lead.
        """
        if planning.lead(self._runtime):
            derive_again(self._runtime)
            self._zones_followed = True

    def _make_room(self) -> None:
        """Have the next months' parts of the readings ready; see scheduler.store.metrics.months."""
        if planning.lead(self._runtime) and (made := make_room(self._runtime)):
            log.info("months made", months=made)

    def _thin(self, keep: timedelta) -> None:
        """Keep fewer of the readings that are old by now, at an hour when nothing else is planned."""
        if planning.lead(self._runtime) and (gone := thin_lately(self._runtime, keep=keep)):
            log.info("readings thinned", fewer=gone)

    def _close_week(self) -> None:
        """Freeze the flash report on Monday and the final one when the slowest metrics are in."""
        if planning.lead(self._runtime):
            report = weekly_report(self._runtime)
            log.info("weekly report", week=report.dataset.period.name, sha256=report.sha256)

    def _mail(self, post: Post) -> None:
        if planning.lead(self._runtime):
            post.send(self._runtime)


def bring_forward(ticks: BaseScheduler, *, now: datetime) -> None:
    """Let no run be further away than its trigger asks for.

    APScheduler 3 waits for wall times: where this machine's clock was set back an hour, nothing would run for
    that hour.
    """
    for job in ticks.get_jobs():
        if latest := _latest(job.trigger, now):
            not_later(job, latest)


def not_later(job: Job, latest: datetime) -> None:
    """Let its next run be then at the latest."""
    if job.next_run_time > latest:
        job.modify(next_run_time=latest)


def _latest(trigger: BaseTrigger, now: datetime) -> datetime | None:
    """The last instant that its next run can be at, as seen from `now`."""
    every = isinstance(trigger, IntervalTrigger)
    latest: datetime | None = now + trigger.interval if every else trigger.get_next_fire_time(None, now)
    return latest


def _every_morning(runtime: Runtime, *, hour: int = 6) -> CronTrigger:
    return CronTrigger(hour=hour, timezone=zone(organisation_zone(runtime)))


def _make_scheduler() -> BackgroundScheduler:
    return BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(4), TICKING: ThreadPoolExecutor(1)},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        timezone="UTC",
    )
