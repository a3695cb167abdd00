"""Problems on standard error; planners and workers load no more of the command line than this."""

import sys
from collections.abc import Iterable

from scheduler.cli.wording import _
from scheduler.core.problems import Problem
from scheduler.i18n import say

YELLOW, RED = 33, 31


def show_problems(problems: Iterable[Problem]) -> None:
    """Print each problem on a line of its own on standard error."""
    for problem in problems:
        mark = _coloured("!", YELLOW) if problem.advice else _coloured("✗", RED)
        sys.stderr.write(f"{mark} {say(problem, _)}\n")


def _coloured(mark: str, colour: int) -> str:
    return f"\033[{colour}m{mark}\033[0m" if sys.stderr.isatty() else mark
