"""`postroad members`: the people of the centre."""

import typer

from scheduler.cli.acting import AS, acting_member
from scheduler.cli.app import app, runtime_of
from scheduler.cli.console import JSON, show_json, show_line, show_table
from scheduler.cli.wording import _
from scheduler.core.roles import Role
from scheduler.services.members import add_member, allow_self_approval, allow_self_resuming, list_members

members = typer.Typer(no_args_is_help=True)
app.add_typer(members, name="members")


@members.command("add", help=_("Add a member."))
def add(
    ctx: typer.Context,
    name: str = typer.Argument(metavar="NAME", help=_("as they sign")),
    role: str = typer.Option("author", help=_("one of: {roles}").format(roles=", ".join(Role))),
    acting: str | None = AS,
) -> None:
    """Only an admin may."""
    runtime = runtime_of(ctx)
    member = add_member(runtime, name, role, by=acting_member(ctx, runtime, acting))
    show_line(_("Added {member}: {role}").format(member=member.name, role=_(member.role)))


@members.command("list", help=_("List the members and their roles."))
def list_(ctx: typer.Context, as_json: bool = JSON) -> None:
    """Everybody, by name."""
    found = list_members(runtime_of(ctx))
    if as_json:
        show_json(found)
        return
    show_table([_("member"), _("role")], [(member.name, _(member.role)) for member in found])


@members.command(
    "self-approval", help=_("Let authors approve their own posts, or not: the rule of the centre.")
)
def self_approval(
    ctx: typer.Context,
    allowed: bool = typer.Option(..., "--allow/--forbid", help=_("whether it is allowed")),
    acting: str | None = AS,
) -> None:
    """Only an admin may."""
    runtime = runtime_of(ctx)
    allow_self_approval(runtime, allowed=allowed, by=acting_member(ctx, runtime, acting))
    show_line(_("Authors may approve their own posts.") if allowed else _("Somebody else must approve."))


@members.command("self-resuming", help=_("Let one person end a pause alone, or not: the rule of the centre."))
def self_resuming(
    ctx: typer.Context,
    allowed: bool = typer.Option(..., "--allow/--forbid", help=_("whether it is allowed")),
    acting: str | None = AS,
) -> None:
    """Only an admin may."""
    runtime = runtime_of(ctx)
    allow_self_resuming(runtime, allowed=allowed, by=acting_member(ctx, runtime, acting))
    show_line(_("One person may end a pause.") if allowed else _("Two people must end a pause."))
