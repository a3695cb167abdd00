"""`postroad forecast`: what will not fit into the platforms' windows when it is due."""

from collections.abc import Iterable
from datetime import timedelta

import typer

from scheduler.cli.app import app, runtime_of, settings_of
from scheduler.cli.console import JSON, show_json, show_line
from scheduler.cli.moments import clock_in
from scheduler.cli.numbers import MOST_DAYS
from scheduler.cli.wording import _
from scheduler.core.quotas import SPACING
from scheduler.services.delivery.forecasting import Crowd
from scheduler.services.delivery.forecasting import forecast as find_crowds


@app.command("forecast")
def forecast(
    ctx: typer.Context,
    days: int = typer.Option(14, min=1, max=MOST_DAYS, help=_("look so many days ahead")),
    as_json: bool = JSON,
) -> None:
    """Earliest first; approved or not."""
    crowds = find_crowds(runtime_of(ctx), ahead=timedelta(days=days))
    if as_json:
        show_json(crowds)
        return
    show_crowds(crowds, settings_of(ctx).time_zone)
    if not crowds:
        show_line(_("Everything fits into the channels' windows."))


def show_crowds(crowds: Iterable[Crowd], viewer_zone: str) -> None:
    """A line for each instant that has too much, and one for what would be held."""
    for crowd in crowds:
        said = _(
            "{at} exceeds the window of {channel} ({window}): {posts} posts, {fit} fit; the last: {last}"
        )
        last = clock_in(crowd.last_at, viewer_zone) if crowd.last_at else "-"
        at = clock_in(crowd.due_at, viewer_zone)
        counts = {"posts": crowd.posts, "fit": crowd.fit}
        show_line(said.format(at=at, channel=crowd.channel, window=_window(crowd), last=last, **counts))
        if crowd.late:
            show_line(
                _("   {count} of them would go out too late, and will be held").format(count=crowd.late)
            )


def _window(crowd: Crowd) -> str:
    quota = crowd.quota
    if quota.name == SPACING:
        return _("one in {seconds} s").format(seconds=quota.window_s)
    if not quota.window_s:
        return _("as the platform said")
    said = _("{limit} {unit} in {seconds} s")
    return said.format(limit=quota.limit, unit=quota.unit, seconds=quota.window_s)
