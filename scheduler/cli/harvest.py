"""`postroad harvest` and `postroad costs`: read the platforms' counters now, and what reading costs."""

from datetime import date, datetime
from typing import Annotated

import typer

from scheduler.cli.app import app, runtime_of
from scheduler.cli.console import JSON, show_json, show_line, show_table
from scheduler.cli.progress import counting
from scheduler.cli.states import reason_words
from scheduler.cli.wording import _
from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.services.metrics.harvesting import backfill
from scheduler.services.metrics.harvesting import harvest as read_counters
from scheduler.services.metrics.spending import Cost
from scheduler.services.metrics.spending import costs as read_costs
from scheduler.services.metrics.tally import HarvestSummary

EARLIEST = date(2000, 1, 1)
ONE_KIND = N_("--since goes with --backfill, and --all without it")


@app.command()
def harvest(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help=_("everything that is live, due or not"))] = False,
    again: Annotated[
        bool,
        typer.Option(
            "--backfill", help=_("all that can be read still, waiting for quotas; may be broken off")
        ),
    ] = False,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help=_("with --backfill: only what went live since that day")),
    ] = None,
    as_json: bool = JSON,
) -> None:
    """Exit status 1 when no reading at all succeeded although some were due.

    While another process reads, nothing is read twice: it says so, and a backfill waits for its turn.
    """
    if (since and not again) or (again and everything):
        raise refuse(ONE_KIND)
    runtime = runtime_of(ctx)
    with counting(_("reading")) as progress:
        if again:
            summary = backfill(
                runtime, since=max(since.date(), EARLIEST) if since else None, progress=progress
            )
        else:
            summary = read_counters(runtime, everything=everything, progress=progress)
    if as_json:
        show_json(summary)
    else:
        _show(summary)
    if summary.failed and not summary.publications + summary.audiences:
        raise typer.Exit(1)


@app.command("costs")
def costs(ctx: typer.Context, *, as_json: bool = JSON) -> None:
    """One row a billed platform that has a connected channel."""
    found = read_costs(runtime_of(ctx))
    if as_json:
        show_json(found)
        return
    if not found:
        show_line(_("No connected platform bills its readings."))
        return
    columns = (_("platform"), _("readings"), _("spent"), _("budget"), _("left"), "")
    show_table(columns, (_cost_row(cost) for cost in found))


def _show(summary: HarvestSummary) -> None:
    if summary.left_to_another:
        show_line(
            _("Nothing was read: another process is reading counters now. Its readings are yours as well.")
        )
        return
    show_line(
        _("{publications} publications and {audiences} channels read, {samples} values changed.").format(
            publications=summary.publications, audiences=summary.audiences, samples=summary.samples
        )
    )
    for count, said in (
        (summary.gone, _("{count} are not there any more.")),
        (summary.waiting, _("{count} are read later, to keep to the platforms' quotas.")),
        (summary.unpaid, _("{count} are not read: the month's money is spent (postroad costs).")),
    ):
        if count:
            show_line(said.format(count=count))
    if summary.failures:
        columns = (_("channel"), _("failed readings"), _("reason"))
        rows = ((one.channel, one.count, reason_words(one.reason)) for one in summary.failures)
        show_table(columns, rows)


def _cost_row(cost: Cost) -> tuple[object, ...]:
    amounts = (cost.spent_micros, cost.budget_micros, cost.left_micros)
    stopped = _("not read any more until the budget is raised or the month is over") if cost.stopped else ""
    return cost.title, cost.looks, *(f"{one / 1e6:.2f} {cost.currency}" for one in amounts), stopped
