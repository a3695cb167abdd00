"""`python -m tests.fire`: the chosen kinds one after the other, a line for each, a table and a verdict."""

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from tests.fire.comparing import compare
from tests.fire.kind import Kind, Result
from tests.fire.kinds import KINDS
from tests.fire.running import rounds

TOLD = 8


def main() -> int:
    """Play; 1 when anything was twice, lost, unapproved, or otherwise not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.fire")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", action="append", default=[], help="only this one; may be repeated")
    parser.add_argument("--group", action="append", default=[])
    parser.add_argument("--deliveries", type=int, default=170, help="in each round")
    parser.add_argument("--fleets", type=int, default=1, help="so many at the same time")
    parser.add_argument("--folder", type=Path, help="keep the processes' logs here")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument("--usual", action="store_true", help="beside the usual design, fault by fault")
    wanted = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    if wanted.usual:
        return say_comparison(seed=wanted.seed, deliveries=wanted.deliveries)
    chosen = chosen_kinds(wanted.kind, wanted.group)
    with TemporaryDirectory(prefix="fire-") as scratch:
        results = []
        for result in rounds(
            chosen,
            wanted.folder or Path(scratch),
            seed=wanted.seed,
            deliveries=wanted.deliveries,
            fleets=wanted.fleets,
        ):
            results.append(result)
            say(line(result, f"{len(results)}/{len(chosen)}"))
            for breach in told(result.breaches):
                say(f"    {breach}")
    verdict(results)
    if wanted.json:
        wanted.json.parent.mkdir(parents=True, exist_ok=True)
        wanted.json.write_text(
            json.dumps([asdict(one) | {"unconfirmed": dict(one.unconfirmed)} for one in results], indent=1)
        )
    return 1 if any(result.breaches for result in results) else 0


def say_comparison(*, seed: int, deliveries: int) -> int:
    """A line for each fault; 1 when Postroad did anything wrong."""
    say(f"{'':38} {'Postroad':>24}   {'the usual design':>30}")
    say(f"{'':38} {'twice, lost, in doubt':>24}   {'twice, lost, falsely failed':>30}")
    breaches = 0
    with TemporaryDirectory(prefix="fire-") as scratch:
        for kind, ours, usual in compare(Path(scratch), seed=seed, deliveries=deliveries):
            told_ours = (
                f"{ours.duplicates}, {ours.lost}, {ours.unconfirmed.total()}" if ours else "no such part"
            )
            told_usual = f"{usual.duplicates}, {usual.lost}, {usual.false_failed} of {usual.posts}"
            say(f"{kind.name:38} {told_ours:>24}   {told_usual:>30}   {kind.assumed}")
            breaches += len(ours.breaches) if ours else 0
    return 1 if breaches else 0


def chosen_kinds(names: Sequence[str], groups: Sequence[str]) -> list[Kind]:
    """The kinds of these names and groups, all when nothing is named; SystemExit for an unknown one."""
    unknown = {*names, *groups} - {kind.name for kind in KINDS} - {kind.group for kind in KINDS}
    if unknown:
        raise SystemExit(
            f"unknown: {', '.join(sorted(unknown))}; kinds: {', '.join(one.name for one in KINDS)}"
        )
    named = [kind for kind in KINDS if kind.name in names or kind.group in groups]
    return named if names or groups else list(KINDS)


def told(breaches: Sequence[str]) -> list[str]:
    """The first of them; the rest are in the JSON."""
    more = len(breaches) - TOLD
    return [*breaches[:TOLD], *([f"and {more} more"] if more > 0 else [])]


def line(result: Result, place: str) -> str:
    """One round in one line."""
    doubts = ", ".join(f"{count} {kind}" for kind, count in sorted(result.unconfirmed.items())) or "0"
    return (
        f"{place:>6} {result.kind:36} {result.deliveries:5} deliveries, {result.duplicates} twice, "
        f"{result.lost} lost, {result.unapproved} unapproved, in doubt {doubts}, "
        f"delay {result.delay_s:.1f} s, {result.restarts} restarts, {result.took_s:.0f} s"
    )


def verdict(results: Sequence[Result]) -> None:
    """The sums."""
    say(
        f"{len(results)} kinds, {sum(one.deliveries for one in results)} deliveries: "
        f"{sum(one.duplicates for one in results)} twice, {sum(one.lost for one in results)} lost, "
        f"{sum(one.unapproved for one in results)} unapproved, "
        f"{sum(one.unconfirmed.total() for one in results)} in doubt; "
        f"{sum(len(one.breaches) for one in results)} breaches; {sum(one.took_s for one in results):.0f} s"
    )


def say(words: str) -> None:
    """A line for the person who watches."""
    print(words, flush=True)  # noqa: T201 - a report for a person


if __name__ == "__main__":
    sys.exit(main())
