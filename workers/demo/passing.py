"""Letting weeks pass in seconds: clocks jump from one due minute to the next, the product does the rest."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from scheduler.core.cadence import CLOSING_LOOK
from scheduler.services.delivery import planning
from scheduler.services.metrics.harvesting import harvest
from scheduler.store import deliveries
from workers.demo.stage import Stage

HARVEST_EVERY = timedelta(hours=4)
"""A planner harvests every five minutes; this is enough to read each publication on the day it is due."""
SHORTEST_STEP = timedelta(minutes=1)


def pass_time(stage: Stage, until: datetime) -> Iterator[datetime]:
    """Let it become `until`; yields each instant at which something was due, after it was done.

    Deliveries go out at their own minute. Counters are read every four hours, after the audience has
    reacted, and for the last time in a week two hours before it ends.
    """
    while (at := min(_next_due(stage), _next_harvest(stage))) < until:
        reading = at == _next_harvest(stage)
        stage.move(at)
        _publish(stage)
        if reading:
            stage.control.react()
            harvest(stage.runtime)
        yield at
    stage.move(until)
    _publish(stage)


def closing_of(stage: Stage) -> datetime:
    """When the counters are read for the last time in the present week."""
    return stage.week.ends_at(stage.zone) - CLOSING_LOOK


def _next_harvest(stage: Stage) -> datetime:
    closing_at, now = closing_of(stage), stage.clock.now()
    return closing_at + ((now - closing_at) // HARVEST_EVERY + 1) * HARVEST_EVERY


def _next_due(stage: Stage) -> datetime:
    with stage.runtime.begin() as transaction:
        due_at = deliveries.next_due_at(transaction)
    now = stage.clock.now()
    return max(due_at, now + SHORTEST_STEP) if due_at else now + HARVEST_EVERY


def _publish(stage: Stage) -> None:
    """All that is due at this instant."""
    while planning.tick(stage.runtime, stage.dispatcher, chunk=stage.settings.chunk).announced:
        stage.dispatcher.drain()
