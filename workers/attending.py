"""The worker process: Celery's, with threads."""

import sys
import warnings
from functools import partial

from celery.exceptions import SecurityWarning

from config.settings import Settings
from scheduler.services.runtime import Runtime
from workers.celery_app import make_app
from workers.listening import serving_health
from workers.liveness import ConsumerPulse
from workers.tasks import register_tasks
from workers.waiting import begin, broker_of

THREADS = 16


def run(*, threads: int = THREADS) -> None:
    """Be a worker until stopped, then exit."""
    begin(partial(attend_hints, threads=threads))


def attend_hints(settings: Settings, runtime: Runtime, *, threads: int) -> None:
    """Take hints from Redis, so many at a time, until stopped; exits with Celery's status."""
    warnings.simplefilter("ignore", SecurityWarning)  # of root, with an option that we have not
    celery = make_app(broker_of(settings))
    register_tasks(celery, runtime)
    with serving_health(settings, runtime, ConsumerPulse()):
        attending = celery.Worker(
            hostname=f"postroad@{runtime.worker}",
            pool_cls="threads",
            concurrency=threads,
            loglevel="WARNING",
            quiet=True,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        attending.start()
        sys.exit(attending.exitcode)
