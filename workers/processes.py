"""Commands that run Postroad: everything in one process, or a planner or worker among many."""

import typer
from rich.progress import Progress

from scheduler.cli.app import app, runtime_of, settings_of
from scheduler.cli.console import show_line
from scheduler.cli.states import state_word
from scheduler.cli.terminal import err
from scheduler.cli.wording import _
from scheduler.services.delivery import planning
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from workers.attending import THREADS, attend_hints
from workers.bootstrap import only_one
from workers.dispatchers import LocalDispatcher
from workers.leading import plan_by_hints, plan_until_stopped
from workers.waiting import agreeing


@app.command()
def up(ctx: typer.Context) -> None:
    """Everything in one process."""
    settings, runtime = settings_of(ctx), agreeing(runtime_of(ctx))
    with only_one(settings) as alone:
        if alone:
            planning.take_over(runtime)
        dispatcher = LocalDispatcher(runtime)
        show_line(_("Postroad is up. Stop it with Ctrl+C."))
        plan_until_stopped(settings, runtime, dispatcher)
        dispatcher.close()


@app.command()
def planner(ctx: typer.Context) -> None:
    """A planner that hints over Redis."""
    plan_by_hints(settings_of(ctx), agreeing(runtime_of(ctx)))


@app.command()
def worker(
    ctx: typer.Context, threads: int = typer.Option(THREADS, help=_("hints attended to at the same time"))
) -> None:
    """A worker that takes hints from Redis."""
    attend_hints(settings_of(ctx), agreeing(runtime_of(ctx)), threads=threads)


@app.command()
def run(
    ctx: typer.Context,
    until_idle: bool = typer.Option(
        False, "--until-idle", help=_("go on until nothing that is due now is left to do")
    ),
) -> None:
    """One pass, or passes until idle."""
    settings, runtime = settings_of(ctx), agreeing(runtime_of(ctx))
    with only_one(settings) as alone:
        if alone:
            planning.take_over(runtime)
        run_due(runtime, chunk=settings.chunk, until_idle=until_idle)
    with runtime.begin() as transaction:
        counts = deliveries.count_by_state(transaction)
    said = ", ".join(f"{state_word(state)} {number}" for state, number in sorted(counts.items()))
    show_line(said or _("There are no deliveries."))


def run_due(runtime: Runtime, *, chunk: int, until_idle: bool = True) -> None:
    """Publish all that is due at the runtime's present instant, with progress on a terminal."""
    dispatcher = LocalDispatcher(runtime)
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        bar = progress.add_task(_("publishing"), total=None)
        while done := planning.tick(runtime, dispatcher, chunk=chunk).announced:
            progress.update(bar, total=(progress.tasks[0].total or 0) + done)
            dispatcher.drain()
            progress.advance(bar, done)
            if not until_idle:
                break
    dispatcher.close()
