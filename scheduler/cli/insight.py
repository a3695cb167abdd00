"""`postroad insight`: what editors want to know beyond the totals."""

import typer

from scheduler.cli.app import app, runtime_of, settings_of
from scheduler.cli.console import JSON, show_json, show_line
from scheduler.cli.wording import LANGUAGE, _
from scheduler.core.catalogue import titles
from scheduler.reports.words import note_words
from scheduler.reports.words.wording import Words
from scheduler.services.reach.insight import alerts as find_alerts
from scheduler.services.runtime import Runtime

insight = typer.Typer(no_args_is_help=True)
app.add_typer(insight, name="insight")


@insight.command("alerts", help=_("Say which channels are silent, not read, or far from their ordinary."))
def alerts(ctx: typer.Context, as_json: bool = JSON) -> None:
    """Each with its figures; channels without enough history are left out."""
    runtime = runtime_of(ctx)
    if as_json:
        show_json(find_alerts(runtime))
        return
    if not show_alerts(runtime, settings_of(ctx).time_zone):
        show_line(_(note_words.NOTHING))


def show_alerts(runtime: Runtime, viewer_zone: str) -> int:
    """Print a line for each alert under a heading; how many there are."""
    found, platforms, words = find_alerts(runtime), titles(runtime.catalogue), Words(LANGUAGE)
    if found:
        show_line(_(note_words.TITLE))
    for note in found:
        show_line(f"   {note_words.sentence(note, words, platforms, viewer_zone)}")
    return len(found)
