"""`python -m tests.fire`: the chosen kinds one after the other, a line for each, a table and a verdict."""

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog

from tests.fire.comparing import compare
from tests.fire.kind import Kind, Result
from tests.fire.kinds import KINDS, LONG
from tests.fire.kinds.long import added
from tests.fire.running import ROUNDS_A_FLEET, rounds

TOLD = 8


def main() -> int:
    """Play; 1 when anything was twice, lost, unapproved, or otherwise not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.fire")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", action="append", default=[], help="only this one; may be repeated")
    parser.add_argument("--group", action="append", default=[])
    parser.add_argument("--long", action="store_true", help="what lasts ten minutes each instead")
    parser.add_argument("--deliveries", type=int, help="in each round; 170 where a kind says nothing else")
    parser.add_argument("--fleets", type=int, default=1, help="so many at the same time")
    parser.add_argument("--folder", type=Path, help="keep the processes' logs here")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument("--usual", action="store_true", help="both designs, fault by fault, side by side")
    wanted = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with TemporaryDirectory(prefix="fire-") as scratch:
        folder = wanted.folder or Path(scratch)
        figures, failed = _compared(folder, wanted) if wanted.usual else _played(folder, wanted)
    if wanted.json:
        wanted.json.parent.mkdir(parents=True, exist_ok=True)
        wanted.json.write_text(json.dumps(figures, indent=1))
    return 1 if failed else 0


def _played(folder: Path, wanted: argparse.Namespace) -> tuple[list[dict[str, Any]], bool]:
    """Play the chosen kinds; their figures, and whether there was a breach."""
    chosen = chosen_kinds(wanted.kind, wanted.group, among=LONG if wanted.long else KINDS)
    results = []
    for result in rounds(
        chosen,
        folder,
        seed=wanted.seed,
        deliveries=wanted.deliveries,
        fleets=wanted.fleets,
        on_one=1 if wanted.long else ROUNDS_A_FLEET,
    ):
        results.append(result)
        say(line(result, f"{len(results)}/{len(chosen)}"))
        for breach in told(result.breaches):
            say(f"    {breach}")
    verdict(results)
    slow = added(results) if wanted.long else ()
    for breach in slow:
        say(breach)
    return [figures_of(one) for one in results], bool(slow) or any(one.breaches for one in results)


def _compared(folder: Path, wanted: argparse.Namespace) -> tuple[list[dict[str, Any]], bool]:
    """Play both designs, a line for each fault; the figures, and whether Postroad did anything wrong."""
    say(f"{'':38} {'Postroad':>28}   {'the usual design':>34}")
    say(f"{'':38} {'twice, lost, in doubt, of':>28}   {'twice, lost, falsely failed, of':>34}")
    figures, failed = [], False
    for kind, ours, usual in compare(folder, seed=wanted.seed, posts=wanted.deliveries):
        told_ours = (
            f"{ours.duplicates}, {ours.lost}, {ours.unconfirmed.total()}, {ours.deliveries}"
            if ours
            else "no such part"
        )
        told_usual = f"{usual.duplicates}, {usual.lost}, {usual.false_failed}, {usual.posts}"
        say(f"{kind.name:38} {told_ours:>28}   {told_usual:>34}   {kind.assumed}")
        for breach in told(ours.breaches if ours else ()):
            say(f"    {breach}")
        failed = failed or bool(ours and ours.breaches)
        figures.append(
            {"fault": kind.name, "postroad": figures_of(ours) if ours else None, "usual": asdict(usual)}
        )
    return figures, failed


def figures_of(result: Result) -> dict[str, Any]:
    """What JSON can hold of a result."""
    return asdict(result) | {"unconfirmed": dict(result.unconfirmed)}


def chosen_kinds(names: Sequence[str], groups: Sequence[str], *, among: Sequence[Kind] = KINDS) -> list[Kind]:
    """The kinds of these names and groups, all when nothing is named; SystemExit for an unknown one."""
    unknown = {*names, *groups} - {kind.name for kind in among} - {kind.group for kind in among}
    if unknown:
        raise SystemExit(
            f"unknown: {', '.join(sorted(unknown))}; kinds: {', '.join(one.name for one in among)}"
        )
    named = [kind for kind in among if kind.name in names or kind.group in groups]
    return named if names or groups else list(among)


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
        f"delay {result.median_s:.1f}, {result.p99_s:.1f}, {result.delay_s:.1f} s, "
        f"{result.restarts} restarts, {result.took_s:.0f} s"
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
