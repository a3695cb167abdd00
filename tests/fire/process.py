"""The `postroad` command as tests order it: with failpoints armed, with less memory, with a broken module.

python -m tests.fire.process --arm answered:kill:3 -- worker --threads 2
"""

import argparse
import os
import resource
import select
import signal
import sys
import time
from importlib import import_module
from itertools import count
from types import ModuleType
from typing import cast

from scheduler.services import failpoints

ACTIONS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


def main() -> None:
    """Arm what was ordered, then be the ordinary command."""
    parser = argparse.ArgumentParser(prog="python -m tests.fire.process")
    parser.add_argument("--arm", action="append", default=[], metavar="POINT:ACTION[:SKIP]")
    parser.add_argument("--without", action="append", default=[], metavar="MODULE")
    parser.add_argument("--memory", type=int, metavar="MIB")
    parser.add_argument("command", nargs="+")
    wanted = parser.parse_args()
    for order in wanted.arm:
        arm(*order.split(":"))
    for module in wanted.without:
        sys.modules[module] = cast("ModuleType", None)  # so Python is told that it cannot be imported
    if wanted.memory:
        resource.setrlimit(resource.RLIMIT_AS, (wanted.memory << 20, wanted.memory << 20))
    if "faketime" in os.environ.get("LD_PRELOAD", ""):
        setattr(time, "sleep", sleep)  # noqa: B010 - mypy knows a wider signature
    sys.argv = ["postroad", *wanted.command]
    import_module("workers.command").main()


def sleep(seconds: float, /) -> None:
    """As time.sleep: what Python 3.11 makes of that, libfaketime 0.9.10 refuses (seen 2026-11-22)."""
    select.select([], [], [], seconds)


def arm(point: str, action: str, skip: str = "0") -> None:
    """Signal this process the one time the point is reached after `skip` passes."""
    turns, number = count(), ACTIONS[action]

    def act() -> None:
        if next(turns) == int(skip):
            os.kill(os.getpid(), number)

    failpoints.arm(point, act)


if __name__ == "__main__":
    main()
