"""Commands for the network of fake platforms."""

import typer

from connectors.sandbox.serving import serve
from scheduler.cli.app import app
from scheduler.cli.console import show_line
from scheduler.cli.wording import _
from scheduler.core.problems import refuse
from workers.listening import CANNOT_LISTEN

sandbox = typer.Typer(no_args_is_help=True)
app.add_typer(sandbox, name="sandbox")


@sandbox.command("serve", help=_("Serve fake Bluesky, Mastodon, WordPress and Telegram on this machine."))
def serve_sandbox(
    port: int = typer.Option(8765, min=0, max=65535, help=_("port on 127.0.0.1; 0 takes a free one")),
    seed: int = typer.Option(1, help=_("the same seed gives the same audience")),
) -> None:
    """Serve until stopped."""
    try:
        serve(port=port, seed=seed, ready=_announce)
    except OSError as error:
        raise refuse(CANNOT_LISTEN, address=f"127.0.0.1:{port}", words=error.strerror or "") from None


def _announce(url: str) -> None:
    show_line(_("The sandbox answers at {url}. Accounts are made at {url}/_sandbox/.").format(url=url))
