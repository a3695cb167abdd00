"""What the product does, shown on the shipped sandbox: `postroad demo`."""

from pathlib import Path

import typer

from scheduler.cli.app import app, settings_of
from scheduler.cli.terminal import err
from scheduler.cli.wording import _
from workers.demo.performance import perform


@app.command()
def demo(
    ctx: typer.Context,
    folder: Path = typer.Option(Path("demo-data"), help=_("made anew; only a demo's own folder is replaced")),
    keep: bool = typer.Option(False, "--keep", help=_("keep the platforms up afterwards, until Ctrl+C")),
) -> None:
    """Exit status 1 when anything came out otherwise than intended."""
    settings = settings_of(ctx)
    wrong = perform(settings, folder.absolute(), keep=keep)
    for words in wrong:
        err.print("[red]✗[/]", end=" ")
        err.print(words, markup=False, highlight=False, soft_wrap=True)
    if wrong:
        raise typer.Exit(1)
