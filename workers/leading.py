"""The planner process, and planning until somebody stops it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from config.settings import Settings
from scheduler.cli.mail_server import mail_server
from scheduler.services.delivery.planning import Dispatcher
from scheduler.services.runtime import Runtime
from workers.celery_app import make_app
from workers.dispatchers import CeleryDispatcher
from workers.listening import serving_health
from workers.mailing import Post
from workers.planner import Planner
from workers.waiting import begin, broker_of

STOPS = (signal.SIGINT, signal.SIGTERM)


def run() -> None:
    """Be a planner until stopped."""
    begin(plan_by_hints)


def plan_by_hints(settings: Settings, runtime: Runtime) -> None:
    """Plan for workers elsewhere, which get hints over Redis."""
    plan_until_stopped(settings, runtime, CeleryDispatcher(make_app(broker_of(settings))))


def plan_until_stopped(settings: Settings, runtime: Runtime, dispatcher: Dispatcher) -> None:
    """Plan until the first SIGINT or SIGTERM, and finish the tick that runs."""
    server = mail_server(settings)
    planner = Planner(
        runtime,
        dispatcher,
        chunk=settings.chunk,
        tick_s=settings.tick_s,
        ahead_s=settings.look_ahead_s,
        post=Post(server, settings.report_at) if server else None,
        keep=timedelta(days=settings.keep_readings_days) if settings.keep_readings_days else None,
    )
    with _stop_signal() as stopped, serving_health(settings, runtime, planner.pulse):
        planner.start()
        stopped.wait()
        planner.stop()


@contextmanager
def _stop_signal() -> Iterator[threading.Event]:
    """Set by the first SIGINT or SIGTERM."""
    stopped = threading.Event()
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in STOPS}
    yield stopped
    for number, handler in before.items():
        signal.signal(number, handler)
