"""The command tree. `open_runtime` is set by workers.command, which may know every room."""

from collections.abc import Callable
from dataclasses import dataclass

import typer

from config.settings import Settings
from scheduler.cli.wording import _
from scheduler.services.runtime import Runtime

app = typer.Typer(
    name="postroad",
    help=_("The publishing desk: multilingual posts, reviewed, scheduled, published once, and measured."),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
channels = typer.Typer(help=_("Accounts on the platforms."), no_args_is_help=True)
posts = typer.Typer(help=_("Posts, their review and approval."), no_args_is_help=True)
members = typer.Typer(help=_("People of the centre."), no_args_is_help=True)
report = typer.Typer(help=_("Reach reports."), no_args_is_help=True)
clock = typer.Typer(help=_("Clocks that are off, and time zones."), no_args_is_help=True)
sandbox = typer.Typer(help=_("A network of fake platforms for trying things out."), no_args_is_help=True)
app.add_typer(channels, name="channels")
app.add_typer(posts, name="posts")
app.add_typer(members, name="members")
app.add_typer(report, name="report")
app.add_typer(clock, name="clock")
app.add_typer(sandbox, name="sandbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What a command gets as `ctx.obj`: the settings, and the runtime when it needs one."""

    settings: Settings
    open_runtime: Callable[[Settings], Runtime]

    def runtime(self) -> Runtime:
        """The runtime of the initialised data folder; Refused when `postroad init` has not run."""
        return self.open_runtime(self.settings)


def runtime_of(ctx: typer.Context) -> Runtime:
    """The runtime of this invocation, closed when the command ends."""
    invocation: Invocation = ctx.obj
    runtime = invocation.runtime()
    ctx.call_on_close(runtime.close)
    return runtime


def settings_of(ctx: typer.Context) -> Settings:
    """The settings of this invocation."""
    invocation: Invocation = ctx.obj
    return invocation.settings
