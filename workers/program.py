"""The whole command tree, with every failure a person can cause said in words and as an exit status."""

import sys

from pydantic import ValidationError

from config.logging import configure_logging
from config.settings import PREFIX, load_settings
from scheduler.cli import (
    attention,
    channels,
    clock,
    forecast,
    harvest,
    members,
    pausing,
    platforms,
    posts,
    queue,
    recall,
    recover,
    release,
    report,
    status,
)
from scheduler.cli.app import Invocation, app
from scheduler.cli.console import show_problems
from scheduler.core.problems import Problem, Refused
from scheduler.core.wording import N_
from scheduler.services.failures import explain
from workers import demo, installation, processes, sandbox
from workers.bootstrap import open_runtime

COMMANDS = (
    attention,
    channels,
    clock,
    demo,
    forecast,
    harvest,
    installation,
    members,
    pausing,
    platforms,
    posts,
    processes,
    queue,
    recall,
    recover,
    release,
    report,
    sandbox,
    status,
)


def run() -> None:
    """Run the command line and exit with its status."""
    try:
        settings = load_settings()
        configure_logging(settings.log_level)
        app(obj=Invocation(settings=settings, open_runtime=open_runtime))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        problems = _explain(error)
        if not problems:
            raise
        show_problems(problems)
        sys.exit(1)


def _explain(error: Exception) -> list[Problem]:
    if isinstance(error, Refused):
        return list(error.problems)
    if isinstance(error, ValidationError):
        return [_bad_setting(str(one["loc"][0]), one["msg"]) for one in error.errors()]
    known = explain(error)
    return [known] if known else []


def _bad_setting(name: str, words: str) -> Problem:
    return Problem(
        message=N_("the setting {name} is wrong: {words}"),
        params={"name": f"{PREFIX}{name.upper()}", "words": words},
    )
