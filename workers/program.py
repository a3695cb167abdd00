"""The whole command tree, with every failure a person can cause said in words and as an exit status."""

import sys
from importlib import import_module

from config.logging import configure_logging
from config.reading import WrongSettings
from config.settings import PREFIX, load_settings
from scheduler.cli.app import Invocation, app
from scheduler.cli.console import show_problems
from scheduler.core.problems import Problem, Refused
from scheduler.core.wording import N_
from scheduler.services.failures import explain
from workers.bootstrap import open_runtime

COMMANDS = {
    "scheduler.cli.attention": ("attention", "resolve"),
    "scheduler.cli.channels": ("channels",),
    "scheduler.cli.clock": ("clock",),
    "scheduler.cli.forecast": ("forecast",),
    "scheduler.cli.goals": ("goals",),
    "scheduler.cli.harvest": ("harvest", "costs"),
    "scheduler.cli.insight": ("insight",),
    "scheduler.cli.insight_hours": ("insight",),
    "scheduler.cli.insight_languages": ("insight",),
    "scheduler.cli.mailing": ("report",),
    "scheduler.cli.members": ("members",),
    "scheduler.cli.pausing": ("pause", "resume", "pauses"),
    "scheduler.cli.platforms": ("platforms",),
    "scheduler.cli.posts": ("import", "posts"),
    "scheduler.cli.queue": ("queue", "show"),
    "scheduler.cli.readings": ("readings",),
    "scheduler.cli.recall": ("recall",),
    "scheduler.cli.recover": ("recover",),
    "scheduler.cli.release": ("release",),
    "scheduler.cli.remarks": ("report",),
    "scheduler.cli.report": ("report",),
    "scheduler.cli.rollup": ("rollup",),
    "scheduler.cli.status": ("status",),
    "workers.demo": ("demo",),
    "workers.installation": ("init", "doctor"),
    "workers.processes": ("up", "planner", "worker", "run"),
    "workers.sandbox": ("sandbox",),
}


def load_commands(name: str = "") -> None:
    """Put commands into the tree: the module of this one, or all for help and for what is no command.

    What waits for work would otherwise hold the memory of every command: 17 MB (seen 2026-11-22).
    """
    alone = [module for module, names in COMMANDS.items() if name in names]
    for module in alone or COMMANDS:
        import_module(module)


def run() -> None:
    """Run the command line and exit with its status."""
    try:
        settings = load_settings()
        configure_logging(settings.log_level)
        load_commands(*sys.argv[1:2])
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
    if isinstance(error, WrongSettings):
        return [_wrong_setting(name, words) for name, words in error.wrong.items()]
    known = explain(error)
    return [known] if known else []


def _wrong_setting(name: str, words: str) -> Problem:
    return Problem(
        message=N_("the setting {name} is wrong: {words}"),
        params={"name": f"{PREFIX}{name.upper()}", "words": words},
    )
