"""Who is acting: `--as`, else POSTROAD_MEMBER, else the login name."""

import getpass

import typer

from scheduler.cli.app import settings_of
from scheduler.cli.wording import _
from scheduler.core.roles import Person
from scheduler.services.members import find_member
from scheduler.services.runtime import Runtime

AS = typer.Option(
    None,
    "--as",
    metavar="NAME",
    help=_("the member who is acting; default POSTROAD_MEMBER or the login name"),
)


def acting_member(ctx: typer.Context, runtime: Runtime, name: str | None) -> Person:
    """The member who is acting, or Refused when nobody of that name is one."""
    return find_member(runtime, name or settings_of(ctx).member or getpass.getuser())
