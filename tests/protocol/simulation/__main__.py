"""`python -m tests.protocol.simulation --seed N --deliveries M`: progress, figures and a verdict."""

import argparse
import logging
import sys
import time

import structlog

from tests.protocol.simulation.running import Result, rounds

EVERY_S = 10.0


def main() -> int:
    """Run the rounds; 1 when any of them broke a rule, each named by its seed."""
    parser = argparse.ArgumentParser(prog="python -m tests.protocol.simulation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--deliveries", type=int, default=10_000)
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable()
    began = told = time.monotonic()
    total = Result()
    for result in rounds(arguments.seed, arguments.deliveries):
        total.add(result)
        for breach in result.breaches:
            say(breach)
        if time.monotonic() - told > EVERY_S:
            told = time.monotonic()
            say(f"{total.deliveries} deliveries, {len(total.breaches)} breaches, {told - began:.0f} s")
    verdict(total, time.monotonic() - began)
    return 1 if total.breaches else 0


def verdict(total: Result, took_s: float) -> None:
    """The figures of a run."""
    say(f"{total.deliveries} deliveries in {took_s:.0f} s ({total.deliveries / took_s:.0f}/s)")
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
