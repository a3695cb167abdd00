"""The whole command tree."""

import gc
import sys
from importlib import import_module

from config.logging import configure_logging
from config.settings import load_settings
from scheduler.cli.app import Invocation, app
from scheduler.cli.usage import start
from workers.bootstrap import open_runtime
from workers.failing import told

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
    """Put commands into the tree: the module of this one, or all for help and for what is no command."""
    alone = [module for module, names in COMMANDS.items() if name in names]
    for module in alone or COMMANDS:
        import_module(module)


def run() -> None:
    """Run the command line and exit with its status."""
    with told():
        settings = load_settings()
        configure_logging(settings.log_level)
        load_commands(*sys.argv[1:2])
        gc.freeze()
        gc.enable()
        sys.exit(start(app, Invocation(settings=settings, open_runtime=open_runtime)))
