"""The page of commands, from the tree that runs them."""

from collections.abc import Iterator
from importlib import import_module

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from docs.generating.markdown import bullets, code, page, table

INTRODUCTION = """\
Commands that list or report print a table for people, or JSON with `--json`. Problems go to standard error
with what to do about them. Exit status: 0 done, 1 refused or something is wrong, also where nothing is set up
yet, 2 wrong usage, or another package shadows one of Postroad's, 130 interrupted."""


def commands_page() -> str:
    """A section a command, in the language the process was started in."""
    sections = [_section(path, command) for path, command in commands()]
    return page("Commands", "the command tree in `scheduler/cli` and `workers`", INTRODUCTION, *sections)


def commands() -> Iterator[tuple[str, TyperCommand]]:
    """Every command that does something, with its full name, in alphabetical order."""
    import_module("scheduler.cli.panels").load()
    yield from _below("postroad", get_command(import_module("scheduler.cli.app").app))


def _below(path: str, command: object) -> Iterator[tuple[str, TyperCommand]]:
    if isinstance(command, TyperGroup):
        for name, child in sorted(command.commands.items()):
            yield from _below(f"{path} {name}", child)
    elif isinstance(command, TyperCommand) and not command.hidden:
        yield path, command


def _section(path: str, command: TyperCommand) -> str:
    arguments = [one for one in command.params if isinstance(one, TyperArgument)]
    options = [one for one in command.params if isinstance(one, TyperOption)]
    names = [_name(argument) for argument in arguments]
    usage = " ".join([path, *names, *(["[OPTIONS]"] if options else [])])
    parts = [f"## {path}", (command.help or "").strip(), f"```\n{usage}\n```"]
    parts.append(bullets(f"{code(_name(one))} {one.help}" for one in arguments if one.help))
    if lines := import_module("scheduler.cli.examples").examples_of(path):
        parts.append("\n".join(["```sh", *lines, "```"]))
    if options:
        parts.append(table(["option", "default", "meaning"], map(_option, options)))
    return "\n\n".join(part for part in parts if part)


def _name(argument: TyperArgument) -> str:
    name = (argument.metavar or argument.name or "").upper()
    return name if argument.required else f"[{name}]"


def _option(option: TyperOption) -> list[str]:
    names = ", ".join(code(name) for name in (*option.opts, *option.secondary_opts))
    default = "needed" if option.required else code(option.default) if option.default else "-"
    return [names, default, option.help or ""]
