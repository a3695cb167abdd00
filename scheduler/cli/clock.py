"""`postroad clock`: what the clocks say, a person's word on a jump, and due times under new zone rules."""

from datetime import timedelta

import typer

from scheduler.cli.acting import AS, acting_member
from scheduler.cli.app import app, runtime_of, settings_of
from scheduler.cli.console import JSON, show_json, show_line, show_table
from scheduler.cli.moments import clock_in
from scheduler.cli.pausing import REASON
from scheduler.cli.wording import _
from scheduler.services.delivery import rezoning, stepping
from scheduler.services.delivery.rezoning import Moved

clock = typer.Typer(no_args_is_help=True)
app.add_typer(clock, name="clock")


@clock.command("show", help=_("Show the time everything goes by, and what keeps clocks from being trusted."))
def show(ctx: typer.Context, *, as_json: bool = JSON) -> None:
    """The time, this machine's difference from it, a jump, and machines that stand aside."""
    clocks = stepping.read_clocks(runtime_of(ctx))
    if as_json:
        show_json(clocks)
        return
    zone = settings_of(ctx).time_zone
    rows = [
        (_("time"), clock_in(clocks.now, zone, seconds=True)),
        (_("this machine's clock"), _ahead(clocks.skew)),
        (_("time zone rules"), rezoning.rules_version() or "?"),
        *((name, _ahead(skew)) for name, skew in clocks.aside.items()),
    ]
    show_table(["", ""], rows)
    if clocks.jump:
        show_line(_(stepping.JUMPED))
        said = _("It jumped by {jump} to {at}; {count} deliveries are due by it.")
        jump, at = clocks.jump.by, clock_in(clocks.jump.to, zone, seconds=True)
        show_line(said.format(jump=jump, at=at, count=clocks.waiting))


@clock.command("accept", help=_("Say that the clock is right after a jump, and let sending go on."))
def accept(ctx: typer.Context, *, reason: str = REASON, acting: str | None = AS) -> None:
    """What is too late by the new time is held or missed, the rest is sent."""
    runtime = runtime_of(ctx)
    count = stepping.accept(runtime, reason=reason, by=acting_member(ctx, runtime, acting))
    show_line(_("The clock is accepted; {count} deliveries that are due go on.").format(count=count))


@clock.command("zones", help=_("Derive due times anew by today's time zone rules, and list what moved."))
def zones(ctx: typer.Context, *, as_json: bool = JSON) -> None:
    """The planner does so by itself when it starts and every morning."""
    moved = rezoning.derive_again(runtime_of(ctx))
    if as_json:
        show_json(moved)
        return
    if not moved:
        show_line(_("Nothing moved. Time zone rules: {version}").format(version=rezoning.rules_version()))
        return
    columns = (_("delivery"), _("post"), _("channel"), _("wall time"), _("was due"), _("now"))
    show_table(columns, [_row(one, settings_of(ctx).time_zone) for one in moved])


def _row(moved: Moved, viewer_zone: str) -> tuple[object, ...]:
    return (
        moved.delivery,
        moved.post,
        moved.channel,
        f"{moved.wall_at:%Y-%m-%d %H:%M} {moved.zone}",
        clock_in(moved.before_at, viewer_zone),
        clock_in(moved.after_at, viewer_zone) if moved.after_at else _("held"),
    )


def _ahead(by: timedelta) -> str:
    return _("{seconds} s ahead").format(seconds=f"{by.total_seconds():+.0f}") if by else _("right")
