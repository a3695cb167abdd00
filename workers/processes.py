"""Commands that run Postroad: everything in one process, or a planner or worker among many."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.progress import Progress

from config.settings import Settings
from scheduler.cli.app import app, runtime_of, settings_of
from scheduler.cli.console import err, show_line
from scheduler.cli.mail_server import mail_server
from scheduler.cli.states import state_word
from scheduler.cli.wording import _
from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.services import planning
from scheduler.services.planning import Dispatcher
from scheduler.services.recovering import require_agreement
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from workers.bootstrap import only_one
from workers.celery_app import make_app
from workers.dispatchers import CeleryDispatcher, LocalDispatcher
from workers.health import serving_health
from workers.liveness import ConsumerPulse
from workers.mailing import Post
from workers.planner import Planner
from workers.tasks import register_tasks

STOPS = (signal.SIGINT, signal.SIGTERM)
NO_BROKER = N_("this needs a broker: set POSTROAD_REDIS_URL, or use `postroad up`, which needs none")


@app.command(help=_("Run planner and worker in this one process until it is stopped."))
def up(ctx: typer.Context) -> None:
    """Everything in one process."""
    settings, runtime = settings_of(ctx), _agreeing(ctx)
    with only_one(settings) as alone:
        if alone:
            planning.take_over(runtime)
        dispatcher = LocalDispatcher(runtime)
        show_line(_("Postroad is up. Stop it with Ctrl+C."))
        _plan_until_stopped(settings, runtime, dispatcher)
        dispatcher.close()


@app.command(help=_("Run a planner; any number may run, one leads."))
def planner(ctx: typer.Context) -> None:
    """A planner that hints over Redis."""
    settings, runtime = settings_of(ctx), _agreeing(ctx)
    _plan_until_stopped(settings, runtime, CeleryDispatcher(make_app(_broker(settings))))


@app.command(help=_("Run a Celery worker; any number may run."))
def worker(
    ctx: typer.Context,
    threads: int = typer.Option(16, help=_("hints attended to at the same time")),
) -> None:
    """A worker that takes hints from Redis."""
    settings, runtime = settings_of(ctx), _agreeing(ctx)
    celery = make_app(_broker(settings))
    register_tasks(celery, runtime)
    with serving_health(settings, runtime, ConsumerPulse()):
        attending = celery.Worker(
            hostname=f"postroad@{runtime.worker}",
            pool_cls="threads",
            concurrency=threads,
            loglevel="WARNING",
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        attending.start()
        sys.exit(attending.exitcode)


@app.command(help=_("Publish what is due now and exit; waits for nothing that is due later."))
def run(
    ctx: typer.Context,
    until_idle: bool = typer.Option(
        False, "--until-idle", help=_("go on until nothing that is due now is left to do")
    ),
) -> None:
    """One pass, or passes until idle."""
    settings, runtime = settings_of(ctx), _agreeing(ctx)
    with only_one(settings) as alone:
        if alone:
            planning.take_over(runtime)
        run_due(runtime, chunk=settings.chunk, until_idle=until_idle)
    with runtime.begin() as transaction:
        counts = deliveries.count_by_state(transaction)
    show_line(", ".join(f"{state_word(state)} {number}" for state, number in sorted(counts.items())))


def run_due(runtime: Runtime, *, chunk: int, until_idle: bool = True) -> None:
    """Publish all that is due at the runtime's present instant, with progress on a terminal."""
    dispatcher = LocalDispatcher(runtime)
    with Progress(console=err, transient=True) as progress:
        bar = progress.add_task(_("publishing"), total=None)
        while done := planning.tick(runtime, dispatcher, chunk=chunk).announced:
            progress.update(bar, total=(progress.tasks[0].total or 0) + done)
            dispatcher.drain()
            progress.advance(bar, done)
            if not until_idle:
                break
    dispatcher.close()


def _plan_until_stopped(settings: Settings, runtime: Runtime, dispatcher: Dispatcher) -> None:
    server = mail_server(settings)
    planner = Planner(
        runtime,
        dispatcher,
        chunk=settings.chunk,
        tick_s=settings.tick_s,
        ahead_s=settings.look_ahead_s,
        post=Post(server, settings.report_at) if server else None,
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


def _agreeing(ctx: typer.Context) -> Runtime:
    """The runtime, when journal and database agree; otherwise nobody sends anything (rule 13)."""
    runtime = runtime_of(ctx)
    require_agreement(runtime)
    return runtime


def _broker(settings: Settings) -> str:
    if settings.broker is None:
        raise refuse(NO_BROKER)
    return settings.broker
