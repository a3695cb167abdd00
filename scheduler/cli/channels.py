"""`postroad channels`: the account matrix."""

import json
import sys
from pathlib import Path

import typer

from connectors.counters.manual import PLATFORM as MANUAL
from scheduler.cli.acting import AS, acting_member
from scheduler.cli.app import app, runtime_of
from scheduler.cli.console import JSON, show_json, show_line, show_table
from scheduler.cli.problems import show_problems
from scheduler.cli.wording import _
from scheduler.core.entries import LONGEST_SPACING_S
from scheduler.services.channels.connecting import connect as connect_channel
from scheduler.services.channels.connecting import secret_fields
from scheduler.services.channels.enrolling import import_channels, set_spacing
from scheduler.services.channels.matrix import ChannelLine, list_channels
from scheduler.services.runtime import Runtime

channels = typer.Typer(no_args_is_help=True)
app.add_typer(channels, name="channels")

TABLE = typer.Argument(
    metavar="TABLE", help=_("a CSV or XLSX file: channel, platform, base_url, handle, language, …")
)
CHANNEL = typer.Argument(metavar="CHANNEL", help=_("its name in postroad channels list"))


@channels.command("import", help=_("Add and change channels from a CSV or XLSX table."))
def import_(
    ctx: typer.Context,
    path: Path = TABLE,
    acting: str | None = AS,
    as_json: bool = JSON,
) -> None:
    """All of the table, or nothing."""
    runtime = runtime_of(ctx)
    done = import_channels(runtime, path, by=acting_member(ctx, runtime, acting))
    if as_json:
        show_json(done)
        return
    said = _("Channels: {added} added, {changed} changed, {unchanged} unchanged")
    show_line(said.format(added=len(done.added), changed=len(done.changed), unchanged=len(done.unchanged)))


@channels.command("list", help=_("List the channels and the state of their connections."))
def list_(ctx: typer.Context, as_json: bool = JSON) -> None:
    """Every channel, by name."""
    found = list_channels(runtime_of(ctx))
    if as_json:
        show_json(found)
        return
    if not found:
        show_line(_("There are no channels yet: postroad channels import."))
    columns = (
        _("channel"),
        _("platform"),
        _("handle"),
        _("language"),
        _("region"),
        _("time zone"),
        _("operator"),
        _("connection"),
    )
    show_table(columns, [_row(line) for line in found])


@channels.command("connect", help=_("Try a channel's secret on its platform and store it encrypted."))
def connect(ctx: typer.Context, name: str = CHANNEL, acting: str | None = AS) -> None:
    """The secret comes as JSON on standard input; on a terminal it is asked for and not shown."""
    runtime = runtime_of(ctx)
    by = acting_member(ctx, runtime, acting)
    secret = _ask(runtime, name) if sys.stdin.isatty() else sys.stdin.read()
    profile, advice = connect_channel(runtime, name, secret, by=by)
    show_problems(advice)
    show_line(
        _("{channel} is connected to {title} ({url})").format(
            channel=name, title=profile.title or profile.handle, url=profile.url
        )
    )


@channels.command("space", help=_("Let at least so many seconds pass between two posts of a channel."))
def space(
    ctx: typer.Context,
    name: str = CHANNEL,
    seconds: int = typer.Argument(
        metavar="SECONDS", min=0, max=LONGEST_SPACING_S, help=_("0 for no distance of its own")
    ),
    acting: str | None = AS,
) -> None:
    """0 takes the distance away."""
    runtime = runtime_of(ctx)
    set_spacing(runtime, name, seconds, by=acting_member(ctx, runtime, acting))
    show_line(_("{channel}: at least {seconds} s between two posts").format(channel=name, seconds=seconds))


def _ask(runtime: Runtime, name: str) -> str:
    return json.dumps({field: typer.prompt(field, hide_input=True) for field in secret_fields(runtime, name)})


def _row(line: ChannelLine) -> tuple[str, ...]:
    return (
        line.channel,
        line.platform,
        line.handle,
        line.language,
        line.region,
        line.time_zone,
        line.operator,
        _connection(line),
    )


def _connection(line: ChannelLine) -> str:
    if line.platform == MANUAL:
        return _("manual readings")
    if line.connected_at is None:
        return _("not connected")
    return _("connected") if line.health == "ok" else _("must be connected again")
