"""A planner goes on ticking whatever its machine's clock is set to."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from scheduler.services.runtime import Runtime
from scheduler.testing import RecordingDispatcher
from workers.planner import Planner, bring_forward

HOUR = timedelta(hours=1)
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
