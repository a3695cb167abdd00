"""`postroad rollup`: what the readings add up to, and how many of them are kept."""

from datetime import timedelta
from typing import Annotated

import typer

from scheduler.cli.app import app, runtime_of
from scheduler.cli.console import show_line
from scheduler.cli.numbers import MOST_DAYS
from scheduler.cli.progress import counting
from scheduler.cli.wording import _
from scheduler.core.thinning import KEPT_FOR_REPORTS
from scheduler.services.metrics import rollups

rollup = typer.Typer(no_args_is_help=True)
app.add_typer(rollup, name="rollup")


@rollup.command(help=_("Make what the reports read anew from the readings; harvests may go on."))
def rebuild(ctx: typer.Context) -> None:
    """Safe to break off and to begin again."""
    runtime = runtime_of(ctx)
    with counting(_("channels")) as progress:
        done = rollups.rebuild(runtime, progress=progress)
    show_line(_("{count} channels rebuilt.").format(count=done))


@rollup.command(help=_("Keep the last of several old readings of a day; no report changes by it."))
def thin(
    ctx: typer.Context,
    keep_days: Annotated[
        int,
        typer.Option(
            min=KEPT_FOR_REPORTS.days, max=MOST_DAYS, help=_("readings of so many days stay as they are")
        ),
    ] = KEPT_FOR_REPORTS.days,
) -> None:
    """Safe to break off and to begin again."""
    runtime = runtime_of(ctx)
    keep = timedelta(days=keep_days)
    with counting(_("channels")) as progress:
        gone = rollups.thin(runtime, keep=keep, progress=progress)
    show_line(_("{count} readings fewer.").format(count=gone))
