"""`python -m tests.guards [WORD…]`: take each guard whose name has one of the words out, or all of them."""

import resource
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.guards.removing import HOME, Verdict, copied_tree, run_tests, try_without
from tests.guards.table import Guard, count_fragments, read_guards


def main(words: Sequence[str]) -> int:
    """0 when every fragment is found, all tests pass on the whole code, and each fails without its guard."""
    guards = [guard for guard in read_guards() if not words or any(word in guard.name for word in words)]
    lost = [guard for guard in guards if count_fragments(guard, HOME) != guard.times]
    for guard in lost:
        _say(f"not found   {guard.file}: {guard.name}")
    with copied_tree() as tree:
        if not lost and not words and not _whole_is_green(tree, guards):
            return 1
        green = [guard for guard in guards if guard not in lost and not _is_red(tree, guard)]
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = f"{spent.ru_utime + spent.ru_stime:.0f} s of processor time"
    _say(f"{len(guards)} guards, {len(green)} that no test misses, {len(lost)} not found; {took}")
    return 1 if lost or green else 0


def _whole_is_green(tree: Path, guards: Sequence[Guard]) -> bool:
    verdict = run_tests(tree, sorted({guard.shown_by for guard in guards}))
    if verdict.red or not verdict.ran:
        _say(f"the tests fail on the whole code: {verdict.words}")
        return False
    return True


def _is_red(tree: Path, guard: Guard) -> bool:
    verdict = try_without(tree, guard)
    _say(f"{_colour(verdict):<11} {guard.name}: {verdict.words if verdict.red else ''}")
    return verdict.red


def _colour(verdict: Verdict) -> str:
    if not verdict.ran:
        return "never ran"
    return "red" if verdict.red else "STAYS GREEN"


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201 - a report for a person


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
