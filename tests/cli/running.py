"""Running one command in this process."""

from collections.abc import Callable
from typing import TypeAlias

from typer.testing import CliRunner

from scheduler.cli.app import Invocation, app

Run: TypeAlias = Callable[..., str]


def run_command(invocation: Invocation, *words: str, stdin: str = "", status: int = 0) -> str:
    """What the command printed, which ends with this status; raises what it raised."""
    result = CliRunner().invoke(app, words, input=stdin, obj=invocation, catch_exceptions=False)
    assert result.exit_code == status, result.output
    return result.stdout
