"""Each command starts by loading its own module only; help and what is no command load them all."""

import subprocess
import sys

from typer.core import TyperGroup
from typer.main import get_command

from scheduler.cli.app import app
from workers.program import COMMANDS, load_commands

WAITING = """
import sys
import workers.program
workers.program.load_commands("worker")
print(*sys.modules)
"""


def test_every_command_is_found_by_its_name() -> None:
    load_commands()
    tree = get_command(app)
    assert isinstance(tree, TyperGroup)
    told = {(name, module) for module, names in COMMANDS.items() for name in names}
    assert told == {(name, module) for name, command in tree.commands.items() for module in _modules(command)}


def test_what_waits_for_work_holds_no_sandbox_no_workbook_and_no_prompt() -> None:
    command = [sys.executable, "-c", WAITING]
    held = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "workers.planner" in held
    assert not {"starlette", "uvicorn", "openpyxl", "xlsxwriter", "jinja2", "prompt_toolkit"} & set(held)


def _modules(command: object) -> set[str]:
    """Where a command is written; of a group, where its commands are."""
    if isinstance(command, TyperGroup):
        return {module for one in command.commands.values() for module in _modules(one)}
    return {str(getattr(command, "callback", None).__module__)}
