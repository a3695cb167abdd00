"""The protocol explored: every order of every step, the fewest faults first, and the way to a breach.

`python -m tests.protocol.model` prints what was explored, and what goes wrong without each guard.
"""

import sys
import time as clock
from array import array
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.capabilities import Idempotency
from scheduler.core.states import FINAL, ImpossibleTransition, State
from tests.protocol.guards import SHOWN_ON, Guard, Rules
from tests.protocol.planning_moves import people, planner, time
from tests.protocol.working_moves import platform, workers
from tests.protocol.world import Step, Window, World

ACTORS = (planner, workers, platform, people, time)
UNTOUCHED = (State.REJECTED, State.CANCELLED, State.MISSED, State.HELD)
STUCK = "stuck: nobody will ever touch it, and no person is told"
BUDGETS = -2
NONE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample:
    """What must never be, and the shortest way there."""

    breach: str
    trace: tuple[str, ...]

    def __str__(self) -> str:
        steps = "\n".join(f"  {number:2}. {label}" for number, label in enumerate(self.trace, 1))
        return f"{self.breach}\n{steps}"


@dataclass(slots=True)
class Exploration:
    """The worlds reached, by number: what may still happen in them counts apart, so it is no part of a world.

    A world is kept as the 64 bits of its canonical form's hash: that two of a million share one has a chance
    of 1 in 30 million. `came_from` and `label` lead back to the start, `sources` and `targets` are the fair
    steps, `left` the budgets of faults and people with which a world was explored; `ends` says in which
    worlds nothing more needs to happen.
    """

    numbers: dict[int, int] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)
    came_from: "array[int]" = field(default_factory=lambda: array("l"))
    label: "array[int]" = field(default_factory=lambda: array("l"))
    sources: "array[int]" = field(default_factory=lambda: array("l"))
    targets: "array[int]" = field(default_factory=lambda: array("l"))
    left: list[tuple[tuple[int, int], ...]] = field(default_factory=list)
    ends: bytearray = field(default_factory=bytearray)
    explored: bytearray = field(default_factory=bytearray)

    def __len__(self) -> int:
        return len(self.numbers)

    def number(self, world: World, before: int, label: str) -> tuple[int, bool]:
        """The world's number, and whether it is new."""
        key = hash(world.canonical()[:BUDGETS])
        known = self.numbers.setdefault(key, len(self.numbers))
        new = known == len(self.came_from)
        if new:
            self.came_from.append(before)
            self.label.append(self.labels.setdefault(label, len(self.labels)))
            self.left.append(())
            self.explored.append(False)
        return known, new

    def promises(self, number: int, world: World) -> bool:
        """True when this world was not explored with as many faults and people left."""
        left = (world.faults, world.people)
        known = self.left[number]
        if any(faults >= left[0] and people_ >= left[1] for faults, people_ in known):
            return False
        self.left[number] = (*known, left)
        return True

    def trace(self, number: int) -> tuple[str, ...]:
        """The labels of the way to a world."""
        words, labels = list(self.labels), []
        while self.came_from[number] != NONE:
            labels.append(words[self.label[number]])
            number = self.came_from[number]
        return tuple(reversed(labels))


def explore(rules: Rules) -> tuple[Exploration, Counterexample | None]:
    """Everything reachable, or as far as the first breach: what takes fewer faults and people comes first."""
    seen = Exploration()
    start = World(faults=rules.faults, people=rules.people)
    first, _ = seen.number(start, NONE, "")
    seen.ends.append(_settled(start, rules))
    seen.promises(first, start)
    waiting = [deque[tuple[int, World]]() for _ in range(rules.faults + rules.people + 1)]
    waiting[-1].append((first, start))
    while any(waiting):
        number, world = next(queue for queue in reversed(waiting) if queue).popleft()
        fresh, seen.explored[number] = not seen.explored[number], True
        try:
            for step in _steps(world, rules):
                after = step.world
                known, new = seen.number(after, number, step.label)
                if new:
                    seen.ends.append(_settled(after, rules))
                    if breach := judge(after):
                        return seen, Counterexample(breach=breach, trace=seen.trace(known))
                if step.fair and fresh:
                    seen.sources.append(number)
                    seen.targets.append(known)
                if seen.promises(known, after):
                    waiting[after.faults + after.people].append((known, after))
        except ImpossibleTransition as error:
            return seen, Counterexample(breach=f"{error} is no edge", trace=seen.trace(number))
    return seen, _stuck(seen)


def judge(world: World) -> str:
    """What the platform's own log says against the row; empty when all is well."""
    if world.breach:
        return world.breach
    if len(world.posts) > 1:
        return "it is visible twice"
    if world.row.state is State.PUBLISHED and bool(world.posts) is world.row.gone:
        return "recalled, and visible" if world.row.gone else "published, and not there"
    if world.row.state in UNTOUCHED and world.posts:
        return f"{world.row.state}, and visible"
    return ""


def _steps(world: World, rules: Rules) -> Iterator[Step]:
    for actor in ACTORS:
        yield from actor(world, rules)


def _settled(world: World, rules: Rules) -> bool:
    """A person is told, or there is nothing left to do; on K and C doubt ends while the window is open."""
    state = world.row.state
    if state is State.UNCONFIRMED:
        repeatable = rules.kind in (Idempotency.KEY, Idempotency.CONTAINER)
        changed = world.row.approved != world.row.content
        return not repeatable or world.window is not Window.OPEN or changed or world.row.recalled
    if state is State.PUBLISHED:
        return world.row.gone or not world.row.recalled
    return state in FINAL or state is State.HELD


def _stuck(seen: Exploration) -> Counterexample | None:
    """A world from which no fair steps lead to an end, if there is one."""
    before: list[list[int] | None] = [None] * len(seen)
    for source, target in zip(seen.sources, seen.targets, strict=True):
        if sources := before[target]:
            sources.append(source)
        else:
            before[target] = [source]
    reaching = bytearray(seen.ends)
    ends = [number for number, settled in enumerate(reaching) if settled]
    while ends:
        for source in before[ends.pop()] or ():
            if not reaching[source]:
                reaching[source] = True
                ends.append(source)
    lost = reaching.find(False)
    return None if lost < 0 else Counterexample(breach=STUCK, trace=seen.trace(lost))


def counterexample(guard: Guard) -> Counterexample | None:
    """What goes wrong without this guard, with as few faults as it takes; None when nothing does."""
    kind = SHOWN_ON.get(guard, Idempotency.KEY)
    runs = (explore(Rules(kind=kind, without=guard, faults=faults))[1] for faults in (1, 2, 3))
    return next((found for found in runs if found), None)


def main() -> int:
    """Print every result; 1 when the protocol fails or a guard turns out to guard nothing."""
    faults, people_ = (int(word) for word in (sys.argv[1:] or ("2", "1")))
    failed = 0
    for kind in Idempotency:
        began = clock.perf_counter()
        seen, wrong = explore(Rules(kind=kind, faults=faults, people=people_))
        took = clock.perf_counter() - began
        print(f"class {kind}: {len(seen)} worlds in {took:.1f} s: {wrong or 'the protocol holds'}")  # noqa: T201 - a report for a person
        failed |= wrong is not None
    for guard in Guard:
        found = counterexample(guard)
        kind = SHOWN_ON.get(guard, Idempotency.KEY)
        print(f"\nwithout “{guard}”, class {kind}: {found or 'NOTHING GOES WRONG'}")  # noqa: T201 - a report for a person
        failed |= found is None
    return failed


if __name__ == "__main__":
    sys.exit(main())
