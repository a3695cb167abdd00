"""`python -m tests.protocol.simulation --seed N --deliveries M`: progress, figures and a verdict."""

import argparse
import gc
import logging
import resource
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from tests.protocol.simulation.running import IN_MEMORY, Result, rounds

EVERY_S = 30.0


def main() -> int:
    """Run the rounds; 1 when any of them broke a rule, each named by its seed."""
    parser = argparse.ArgumentParser(prog="python -m tests.protocol.simulation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--deliveries", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=1, help="so many rounds at the same time")
    arguments = parser.parse_args()
    began = time.monotonic()
    seed, deliveries, processes = arguments.seed, arguments.deliveries, arguments.processes
    with (
        TemporaryDirectory(dir=IN_MEMORY) as folder,
        ProcessPoolExecutor(processes, initializer=keep_quiet) as pool,
    ):
        played = rounds(Path(folder), seed, deliveries, spread=pool.map)
        total = add_up(played, seed, deliveries, began=began)
    verdict(total, time.monotonic() - began)
    return 1 if total.breaches else 0


def keep_quiet() -> None:
    """The product's own words are not for the person who watches; garbage is collected between rounds."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable()
    gc.freeze()
    gc.disable()


def add_up(results: Iterable[Result], seed: int, deliveries: int, *, began: float) -> Result:
    """The sum of the rounds; breaches are told at once, and now and then how far it is and how to go on."""
    total, told = Result(), began
    for result in results:
        total.add(result)
        for breach in result.breaches:
            say(breach)
        if time.monotonic() - told > EVERY_S:
            told = time.monotonic()
            say(
                f"{total.deliveries} deliveries, {total.faults.total()} faults, {total.crashes} deaths, "
                f"{len(total.breaches)} breaches, {told - began:.0f} s; what is left: "
                f"--seed {seed + total.rounds} --deliveries {max(deliveries - total.deliveries, 0)}"
            )
    return total


def verdict(total: Result, took_s: float) -> None:
    """The figures of a run; the processes that played are over."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    of_cpu_s = used.ru_utime + used.ru_stime
    say(f"{total.deliveries} deliveries in {took_s:.0f} s ({total.deliveries / took_s:.0f}/s)")
    say(f"{of_cpu_s:.0f} s of processors ({total.deliveries / of_cpu_s:.0f}/s of one)")
    say(f"{total.faults.total()} faults of platforms, {total.crashes} processes died")
    for (kind, state), count in sorted(total.states.items()):
        say(f"  class {kind} {state}: {count}")
    for what, count in sorted(total.happened.items()):
        say(f"  {what}: {count}")
    say(f"{len(total.breaches)} breaches")


def say(words: str) -> None:
    """A line for the person who watches."""
    print(words, flush=True)  # noqa: T201 - a report for a person


if __name__ == "__main__":
    sys.exit(main())
