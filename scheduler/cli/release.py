"""`postroad release`: the answer to a delivery that is held."""

import typer

from scheduler.cli.acting import AS, acting_member
from scheduler.cli.app import app, runtime_of
from scheduler.cli.console import show_line
from scheduler.cli.numbers import DELIVERIES
from scheduler.cli.wording import _
from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.services.desk.releasing import held_on, release

NOTHING_NAMED = N_("name the deliveries by number, a channel with --channel, or --all")


@app.command("release")
def release_held(
    ctx: typer.Context,
    deliveries: list[int] = DELIVERIES,
    channel: str | None = typer.Option(None, help=_("all that is held on this channel")),
    everything: bool = typer.Option(False, "--all", help=_("all that is held")),
    acting: str | None = AS,
) -> None:
    """By number, by channel, or all. Exit status 1 when one of them was not held."""
    if not (deliveries or channel or everything):
        raise refuse(NOTHING_NAMED)
    runtime = runtime_of(ctx)
    held = held_on(runtime, None if everything else channel) if everything or channel else []
    wanted = {*(deliveries or []), *held}
    released = release(runtime, wanted, by=acting_member(ctx, runtime, acting))
    show_line(_("released: {count} of {asked}").format(count=len(released), asked=len(wanted)))
    if len(released) < len(wanted):
        raise typer.Exit(1)
