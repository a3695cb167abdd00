"""Commands that set an installation up and say whether it is well."""

import typer

from scheduler.cli.app import app, settings_of
from scheduler.cli.console import JSON, show_json, show_line, show_table
from scheduler.cli.wording import _
from scheduler.i18n import say
from workers.bootstrap import set_up
from workers.doctor import examine


@app.command()
def init(ctx: typer.Context) -> None:
    """Data folder, key file, tables, organisation and first member."""
    settings = settings_of(ctx)
    set_up(settings)
    show_line(_("Ready: {folder}").format(folder=settings.data))


@app.command()
def doctor(ctx: typer.Context, as_json: bool = JSON) -> None:
    """Exit status 1 when something is wrong."""
    findings = examine(settings_of(ctx))
    if as_json:
        show_json(findings)
    else:
        rows = [
            ("✓" if one.well else "✗", _(one.title), say(one.problem, _) if one.problem else one.seen)
            for one in findings
        ]
        show_table(["", _("check"), _("result")], rows)
    if not all(one.well for one in findings):
        raise typer.Exit(1)
