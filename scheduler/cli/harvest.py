"""`postroad harvest`: read the platforms' counters now."""

from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from scheduler.cli.app import app, runtime_of
from scheduler.cli.console import err, show_json, show_line, show_table
from scheduler.cli.wording import _
from scheduler.services.harvesting import HarvestSummary
from scheduler.services.harvesting import harvest as read_counters
from scheduler.services.runtime import Runtime


@app.command(help=_("Read the platforms' counters now: publications and followers that are due."))
def harvest(
    ctx: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help=_("Everything that is live, due or not."))
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help=_("For machines."))] = False,
) -> None:
    """Exit status 1 when no reading at all succeeded although some were due."""
    summary = _with_progress(runtime_of(ctx), everything=everything)
    if as_json:
        show_json(summary)
    else:
        _show(summary)
    if summary.failed and not summary.publications + summary.audiences:
        raise typer.Exit(1)


def _with_progress(runtime: Runtime, *, everything: bool) -> HarvestSummary:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        bar = progress.add_task(_("reading"), total=None)
        return read_counters(
            runtime,
            everything=everything,
            progress=lambda done, total: progress.update(bar, completed=done, total=total),
        )


def _show(summary: HarvestSummary) -> None:
    show_line(
        _("{publications} publications and {audiences} channels read, {samples} values changed.").format(
            publications=summary.publications, audiences=summary.audiences, samples=summary.samples
        )
    )
    if summary.gone:
        show_line(_("{count} are not there any more.").format(count=summary.gone))
    if summary.failures:
        columns = (_("channel"), _("failed readings"), _("reason"))
        rows = ((one.channel, one.count, _(one.reason)) for one in summary.failures)
        show_table(columns, rows)
