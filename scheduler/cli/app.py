"""The root of the command tree; `open_runtime` is set by workers.program, which may know every room."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

import typer

from config.settings import Settings
from scheduler.cli.panels import Desk
from scheduler.cli.wording import _

if TYPE_CHECKING:  # help and version wait for none of it
    from scheduler.services.runtime import Runtime

app = typer.Typer(
    name="postroad",
    cls=Desk,
    help=_("The publishing desk: multilingual posts, reviewed, scheduled, published once, and measured."),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"postroad {version('postroad')}")
        raise typer.Exit


@app.callback()
def root(
    _version: bool = typer.Option(
        False, "--version", callback=_say_version, is_eager=True, help=_("say which version this is")
    ),
) -> None:
    """Typer calls a command by its name only where there are several or a callback: one may be alone here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What a command gets as `ctx.obj`: the settings, and the runtime when it needs one."""

    settings: Settings
    open_runtime: "Callable[[Settings], Runtime]"

    def runtime(self) -> "Runtime":
        """The runtime of the initialised data folder; Refused when `postroad init` has not run."""
        return self.open_runtime(self.settings)


def runtime_of(ctx: typer.Context) -> "Runtime":
    """The runtime of this invocation, closed when the command ends."""
    invocation: Invocation = ctx.obj
    runtime = invocation.runtime()
    ctx.call_on_close(runtime.close)
    return runtime


def settings_of(ctx: typer.Context) -> Settings:
    """The settings of this invocation."""
    invocation: Invocation = ctx.obj
    return invocation.settings
