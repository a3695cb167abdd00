"""Help and wrong usage in the reader's words: the parser inside Typer says both in English only."""

import re
import sys
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import typer
from typer import core
from typer._click import exceptions
from typer._click.core import Command, Context
from typer._click.formatting import HelpFormatter
from typer.main import get_command

from scheduler.cli.problems import show_problems
from scheduler.cli.wording import _
from scheduler.core.problems import Problem
from scheduler.core.wording import N_

SECTIONS = (N_("Arguments"), N_("Options"), N_("Commands"), N_("default: {default}"), N_("required"))
"""What Typer asks gettext for, which knows no catalogue of ours."""

PROGRAM = "postroad"
AS_IT_STANDS = "\b"
"""Above a paragraph: its lines are not filled anew."""

NO_BRACES = str.maketrans("", "", "{}")
_QUOTED = re.compile(r"(['\"])(.*?)\1")
_BRACKETED = re.compile(r" \((.*)\)$")


class _Formatter(HelpFormatter):
    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """What is needed stands bare: braces look like something to type."""
        super().write_usage(prog, args.translate(NO_BRACES), prefix or _("Usage: "))

    def write_heading(self, heading: str) -> None:
        self.write(_("{heading}:").format(heading=heading) + "\n")


class _Context(Context):
    formatter_class = _Formatter

    def __init__(self, command: Command, *rest: Any, **named: Any) -> None:
        super().__init__(command, *rest, **named)
        asked = command.get_help_option(self)
        if asked is not None:
            asked.help = _("show this help")


def start(app: typer.Typer, invocation: object) -> int:
    """Run the command that this process was asked for: its exit status, 2 once wrong usage has been told."""
    command = get_command(app)
    reword(command, name=PROGRAM)
    try:
        return command.main(obj=invocation, standalone_mode=False) or 0
    except exceptions.NoArgsIsHelpError as help_:
        help_.show()
    except exceptions.UsageError as error:
        _tell(error)
    except typer.Abort:
        sys.stderr.write(_("Broken off.") + "\n")
        return 1
    return 2


def reword(command: Command, *, name: str) -> None:
    """Give this command and all below it our words for the frame of their help, and their examples."""
    core._ = _translated  # type: ignore[attr-defined] # the one seam that Typer leaves for its own words
    command.context_class = _Context
    if command.options_metavar:
        command.options_metavar = _("[OPTIONS]")
    if isinstance(command, core.TyperGroup):
        command.subcommand_metavar, command.suggest_commands = _("COMMAND [ARGS]..."), False
        for own, child in command.commands.items():
            reword(child, name=f"{name} {own}")
            child.format_epilog = _giving_examples(f"{name} {own}")  # type: ignore[assignment, method-assign] # no other seam


def _giving_examples(name: str) -> Callable[[Context, HelpFormatter], None]:
    def write(_context: Context, formatter: HelpFormatter) -> None:
        from scheduler.cli.examples import examples_of  # noqa: PLC0415 - for help alone

        if lines := examples_of(name):
            with formatter.section(_("Examples")):
                formatter.write_text("\n".join((AS_IT_STANDS, *lines)))

    return write


def _translated(message: str) -> str:
    return _(message) if message in SECTIONS else message


def _tell(error: exceptions.UsageError) -> None:
    if error.ctx is not None:
        sys.stderr.write(f"{error.ctx.get_usage()}\n")
    show_problems([_explain(error)])
    if error.ctx is not None:
        hint = _("For help: {command}").format(command=f"{error.ctx.command_path} --help")
        sys.stderr.write(f"{hint}\n")


def _explain(error: exceptions.UsageError) -> Problem:
    """By the kind of the error, never in the parser's words."""
    match error:
        case exceptions.MissingParameter(param=core.TyperArgument() | core.TyperOption() as param):
            return _wanted(param, N_("{name} is missing: {wanted}"), N_("{name} is missing"))
        case exceptions.BadParameter(param=core.TyperArgument() | core.TyperOption() as param):
            return _wanted(param, N_("{name} has to be {wanted}"), N_("{name} is not written right"))
        case exceptions.NoSuchOption():
            return _unknown(N_("there is no option {name}"), error.option_name, error.possibilities or ())
        case exceptions.BadOptionUsage():
            without = "does not take" in error.message
            message = (
                N_("the option {name} takes no value") if without else N_("the option {name} needs a value")
            )
            return Problem(message=message, params={"name": error.option_name})
    if error.ctx is not None and isinstance(error.ctx.command, core.TyperGroup):
        return _no_command(error, error.ctx, error.ctx.command)
    return Problem(message=N_("this is too much: {words}"), params={"words": _found(_BRACKETED, error)})


def _no_command(error: exceptions.UsageError, context: Context, group: core.TyperGroup) -> Problem:
    name = _found(_QUOTED, error)
    if not name:
        return Problem(message=N_("a command is missing"))
    return _unknown(
        N_("there is no command {name}"), name, get_close_matches(name, group.list_commands(context))
    )


def _found(pattern: re.Pattern[str], error: exceptions.UsageError) -> str:
    """What the person wrote, as the parser cites it."""
    found = pattern.search(error.message)
    return found[found.re.groups] if found else ""


def _unknown(message: str, name: str, near: Any) -> Problem:
    return Problem(message=message, params={"name": name}, near=", ".join(sorted(near)))


def _wanted(param: core.TyperArgument | core.TyperOption, with_kind: str, bare: str) -> Problem:
    name = param.opts[0] if isinstance(param, core.TyperOption) else param.display_name_raw
    wanted = _kind(param)
    params = {"name": name, "wanted": wanted} if wanted else {"name": name}
    return Problem(message=with_kind if wanted else bare, params=params)


def _kind(param: core.TyperArgument | core.TyperOption) -> str:
    """What may be written there; empty for any text."""
    kind = param.type_descriptor
    if kind.choices is not None:
        return _("one of {choices}").format(choices=", ".join(str(choice) for choice in kind.choices))
    if kind.is_datetime:
        return _("a day such as 2026-11-15")
    if kind.is_ranged:
        least, most = kind.parameter_info.min, kind.parameter_info.max
        return _("a whole number from {least} to {most}").format(least=least, most=most)
    return _("a whole number") if kind.annotation is int else ""
