"""Running one command in this process."""

from typer.testing import CliRunner

from scheduler.cli.app import Invocation, app


def run(invocation: Invocation, *words: str) -> str:
    """What the command printed; raises what it raised."""
    result = CliRunner().invoke(app, words, obj=invocation, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout
