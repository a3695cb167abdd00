"""Problems on standard error; planners and workers load no more of the command line than this."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace

from scheduler.cli.wording import _
from scheduler.core.problems import Problem
from scheduler.i18n import say

YELLOW, RED = 33, 31


MOST_RANGES = 8


def show_problems(problems: Iterable[Problem]) -> None:
    """Print each problem on a line of its own on standard error; one that many rows have only once."""
    alike: dict[tuple[object, ...], list[Problem]] = {}
    for problem in problems:
        key = (problem.advice, problem.column, problem.row is None, say(replace(problem, row=None), _))
        alike.setdefault(key, []).append(problem)
    for first, *others in alike.values():
        mark = _coloured("!", YELLOW) if first.advice else _coloured("✗", RED)
        rows = sorted({one.row for one in (first, *others) if one.row is not None})
        sys.stderr.write(f"{mark} {say(first, _, rows=_ranges(rows) if len(rows) > 1 else '')}\n")


def _ranges(rows: Sequence[int]) -> str:
    """`2–9, 12` for the rows in their order, the first of them where they are many."""
    known = set(rows)
    starts = [row for row in rows if row - 1 not in known]
    ends = [row for row in rows if row + 1 not in known]
    said = [f"{start}" if start == end else f"{start}–{end}" for start, end in zip(starts, ends, strict=True)]
    return ", ".join(said[:MOST_RANGES]) + (" …" if len(said) > MOST_RANGES else "")


def _coloured(mark: str, colour: int) -> str:
    return f"\033[{colour}m{mark}\033[0m" if sys.stderr.isatty() else mark
