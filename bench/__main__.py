"""Every benchmark one after the other; options after a name are that benchmark's own.

`python -m bench` runs all at full size, `python -m bench burst --posts 100` one; `--json` prints JSON.
The exit status is 1 when any figure misses its floor.
"""

import sys
from collections.abc import Callable, Mapping, Sequence

from bench import bookkeeping, burst, idle, pause, reach, recall, whole_path
from bench.figures import progress

BENCHMARKS: Mapping[str, Callable[[Sequence[str]], int]] = {
    "burst": burst.main,
    "bookkeeping": bookkeeping.main,
    "whole_path": whole_path.main,
    "idle": idle.main,
    "pause": pause.main,
    "recall": recall.main,
    "reach": reach.main,
}


def main(arguments: Sequence[str]) -> int:
    """The worst exit status of what was run."""
    if arguments and arguments[0] in BENCHMARKS:
        return BENCHMARKS[arguments[0]](arguments[1:])
    worst = 0
    for name, run in BENCHMARKS.items():
        progress(name)
        worst = max(worst, run(arguments))
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
