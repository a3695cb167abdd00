"""A planner goes on ticking whatever its machine's clock is set to."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from scheduler.services.runtime import Runtime
from scheduler.store.engine import using_database
from scheduler.store.unit_of_work import units_of_work
from scheduler.testing import RecordingDispatcher
from tests.servers.ports import free_port
from tests.services.tables import ONE_DATABASE
from workers.planner import Planner, bring_forward

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TICK = timedelta(seconds=1)


@pytest.fixture
def ticks() -> Iterator[BackgroundScheduler]:
    """Two jobs that have their next run by the present clock, and do not run."""
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(print, IntervalTrigger(seconds=1, timezone="UTC"), id="tick")
    scheduler.add_job(print, CronTrigger(hour=6, timezone="UTC"), id="morning")
    scheduler.start(paused=True)
    yield scheduler
    scheduler.shutdown()


def test_readings_are_thinned_at_night_and_only_where_that_is_set(runtime: Runtime) -> None:
    jobs = [
        Planner(runtime, RecordingDispatcher(), chunk=100, tick_s=1, keep=keep)._ticks.get_job("thin")
        for keep in (None, timedelta(days=400))
    ]
    assert jobs[0] is None
    assert [str(field) for field in jobs[1].trigger.fields if field.name == "hour"] == ["3"]
    jobs[1].func(*jobs[1].args)


@ONE_DATABASE
def test_a_database_that_is_away_is_told_once_and_fails_no_stop(runtime: Runtime) -> None:
    away = False

    def begin() -> AbstractContextManager[Session]:
        return gone() if away else runtime.begin()

    with using_database(f"postgresql+psycopg://desk@127.0.0.1:{free_port()}/desk") as closed:
        gone = units_of_work(closed)
        planner = Planner(replace(runtime, begin=begin), RecordingDispatcher(), chunk=100, tick_s=1)
        jobs = [planner._ticks.get_job(name) for name in ("tick", "drain")]
        with capture_logs() as told:
            for closes in (False, True, True, False, True):
                away = closes
                for job in jobs:
                    job.func(*job.args)
            planner.start()
            planner.stop()
    assert [line["event"] for line in told] == ["database away", "database back", "database away"]


def next_runs(ticks: BackgroundScheduler) -> dict[str, datetime]:
    return {job.id: job.next_run_time for job in ticks.get_jobs()}


@pytest.mark.parametrize("back", [HOUR, 49 * HOUR])
def test_after_the_clock_was_set_back_ticks_do_not_wait_for_the_old_time(
    ticks: BackgroundScheduler, back: timedelta
) -> None:
    now = datetime.now(UTC) - back
    bring_forward(ticks, now=now)
    runs = next_runs(ticks)
    assert runs["tick"] <= now + TICK
    assert runs["morning"] <= now + 24 * HOUR


def test_while_the_clock_goes_on_nothing_is_brought_forward(ticks: BackgroundScheduler) -> None:
    before = next_runs(ticks)
    bring_forward(ticks, now=datetime.now(UTC))
    assert next_runs(ticks) == before


def waited_for(condition: Callable[[], bool], *, within_s: float = 30) -> bool:
    ends = time.monotonic() + within_s
    while time.monotonic() < ends and not condition():
        time.sleep(0.05)
    return condition()


@ONE_DATABASE
def test_what_a_deadlock_undid_in_the_morning_is_done_again_soon(runtime: Runtime) -> None:
    """The weekly report, new rules of time zones and room for readings waited until the next morning."""

    contended = False

    @contextmanager
    def begin() -> Iterator[Session]:
        with runtime.begin() as session:
            yield session
            if contended:
                raise OperationalError("", {}, psycopg.errors.DeadlockDetected())

    planner = Planner(replace(runtime, begin=begin), RecordingDispatcher(), chunk=100, tick_s=1)
    contended = True
    mornings = ("report", "zones", "months")
    for name in mornings:
        planner._ticks.modify_job(name, next_run_time=datetime.now(UTC))
    planner.start()
    try:
        jobs = [planner._ticks.get_job(name) for name in mornings]
        again = datetime.now(UTC) + 2 * MINUTE
        assert waited_for(lambda: all(job.next_run_time > datetime.now(UTC) for job in jobs))
        assert waited_for(lambda: all(job.next_run_time < again for job in jobs))
    finally:
        planner.stop()


@ONE_DATABASE
def test_it_ticks_while_everything_else_takes_long(runtime: Runtime) -> None:
    """At six in the morning more falls due than there are threads, as a harvest runs that takes minutes."""
    planner = Planner(runtime, RecordingDispatcher(), chunk=100, tick_s=0.1)
    ended = threading.Event()
    for number in range(6):
        at_once = {"next_run_time": datetime.now(UTC)}
        planner._ticks.add_job(ended.wait, IntervalTrigger(hours=1), id=f"long {number}", **at_once)
    beats = planner.pulse._beat_at
    planner.start()
    try:
        assert waited_for(lambda: planner.pulse._beat_at > beats)
    finally:
        ended.set()
        planner.stop()
