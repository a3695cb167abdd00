"""The whole command tree, of which each run loads what it was asked for: help and version nothing."""

import gc
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from config.settings import Settings, load_settings
from scheduler.cli.app import Invocation, app
from scheduler.cli.panels import ENTRIES, load
from scheduler.cli.usage import start
from workers.command import load_without_unused
from workers.failing import told

if TYPE_CHECKING:
    from scheduler.services.runtime import Runtime


def run() -> None:
    """Run the command line and exit with its status."""
    with told():
        settings = load_settings()
        name = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
        if name in ENTRIES:
            load_without_unused("config.logging").configure_logging(settings.log_level)
            load_without_unused("workers.bootstrap")
            load([name])
        gc.freeze()
        gc.enable()
        sys.exit(start(app, Invocation(settings=settings, open_runtime=_open_runtime)))


def _open_runtime(settings: Settings) -> "Runtime":
    runtime: Runtime = import_module("workers.bootstrap").open_runtime(settings)
    return runtime
