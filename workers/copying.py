"""`postroad backup` and `postroad restore`: a SQLite database copied while in use, and put back unharmed."""

from pathlib import Path

import typer

from config.settings import Settings
from scheduler.cli.app import app, settings_of
from scheduler.cli.console import show_line
from scheduler.cli.progress import counting
from scheduler.cli.wording import _
from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.services.evidence import copying
from scheduler.store.engine import sqlite_file
from workers.bootstrap import only_one

DUMP = N_(
    "this database is PostgreSQL's, which has its own tools for that: {command} (docs/how-to/back-up.md)"
)
PG_DUMP = 'pg_dump --format custom --file FILE "$URL"'
PG_RESTORE = 'pg_restore --single-transaction --dbname "$URL" FILE'


@app.command()
def backup(
    ctx: typer.Context, file: Path = typer.Argument(help=_("where the copy goes; no such file yet"))
) -> None:
    """A copy of one moment."""
    settings = settings_of(ctx)
    database = _database(settings, PG_DUMP)
    with counting(_("copying")) as told:
        copying.back_up(database, file, told=told)
    show_line(_("Backed up: {file}").format(file=file))
    show_line(
        _(
            "Not in it: the images in {media}; the key file {keys}, to be kept apart from it; "
            "and the journal in {journal}, which is not put back with it."
        ).format(media=settings.data / "media", keys=settings.keys, journal=settings.data / "journal")
    )


@app.command()
def restore(
    ctx: typer.Context, file: Path = typer.Argument(help=_("the copy to put back; it stays as it is"))
) -> None:
    """Refused while a process runs."""
    settings = settings_of(ctx)
    database = _database(settings, PG_RESTORE)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with only_one(settings), counting(_("copying")) as told:
        kept = copying.put_back(file, database, told=told)
    show_line(_("Put back: {database}").format(database=database))
    if kept:
        show_line(_("What was there before is kept in {folder}.").format(folder=kept))
    if not settings.keys.exists():
        show_line(_("The key file {keys} is missing: put it back first.").format(keys=settings.keys))
    show_line(
        _(
            "Nothing is sent now. Leave the journal in {journal} as it is, put the images back if they are "
            "lost, and run postroad recover."
        ).format(journal=settings.data / "journal")
    )


def _database(settings: Settings, command: str) -> Path:
    path = sqlite_file(settings.database)
    if path is None:
        raise refuse(DUMP, command=command)
    return path
