"""What a planner, two workers and the broker cost while nothing is due."""

import sys
import time
from collections.abc import Sequence

import psutil

from bench.figures import Result, at_most, memory_mib, parser, plain, progress, report, unshared_mib
from bench.stack import stack


def main(arguments: Sequence[str]) -> int:
    """Print the figures."""
    sizes = parser(__doc__, seconds=60.0, settle_s=10.0).parse_args(arguments)
    with stack() as installed, installed.publishing() as members:
        progress("settling")
        time.sleep(sizes.settle_s)
        groups = {"planner": members.planners, "workers": members.workers, "broker": members.broker}
        before = {name: _cpu_s(group) for name, group in groups.items()}
        progress(f"watching for {sizes.seconds:.0f} s")
        time.sleep(sizes.seconds)
        shares = {
            name: 100 * (_cpu_s(group) - before[name]) / sizes.seconds for name, group in groups.items()
        }
        memory = {name: memory_mib(group) for name, group in groups.items()}
        unshared = sum(unshared_mib(group) for group in groups.values())
    figures = [
        at_most("processor", sum(shares.values()), "% of a core", 3, 1),
        at_most("memory", sum(memory.values()), "MiB", 250, 186),
        plain("memory, shared pages counted once", unshared, "MiB"),
        *(plain(f"{name}: processor", share, "% of a core") for name, share in shares.items()),
        *(plain(f"{name}: memory", mib, "MiB") for name, mib in memory.items()),
    ]
    parameters = {"seconds": sizes.seconds, "planners": 1, "workers": 2}
    return report(Result(title="Idle", parameters=parameters, figures=figures), as_json=sizes.json)


def _cpu_s(processes: Sequence[psutil.Process]) -> float:
    """Seconds of processor that these have used."""
    times = [process.cpu_times() for process in processes]
    return float(sum(one.user + one.system for one in times))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
