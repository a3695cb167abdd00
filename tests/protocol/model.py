"""The protocol explored breadth first: every order of every step, and the shortest way to a breach.

`python -m tests.protocol.model` prints what was explored, and what goes wrong without each guard.
"""

import sys
import time as clock
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample:
    """What must never be, and the shortest way there."""

    breach: str
    trace: tuple[str, ...]

    def __str__(self) -> str:
        steps = "\n".join(f"  {number:2}. {label}" for number, label in enumerate(self.trace, 1))
        return f"{self.breach}\n{steps}"


@dataclass(frozen=True, slots=True)
class Exploration:
    """The worlds reached, each with the step that led there first, and the fair steps between them."""

    came_from: dict[World, tuple[World | None, str]] = field(default_factory=dict)
    fair: list[tuple[World, World]] = field(default_factory=list)

    def trace(self, world: World) -> tuple[str, ...]:
        """The labels of the shortest way to a world."""
        labels = []
        before, label = self.came_from[world]
        while before is not None:
            labels.append(label)
            before, label = self.came_from[before]
        return tuple(reversed(labels))


def explore(rules: Rules) -> tuple[Exploration, Counterexample | None]:
    """Everything reachable, or as far as the first breach."""
    seen = Exploration()
    start = World(faults=rules.faults, people=rules.people)
    seen.came_from[start] = (None, "")
    waiting = deque([start])
    while waiting:
        world = waiting.popleft()
        try:
            for step in _steps(world, rules):
                after = step.world.canonical() if rules.without is None else step.world
                if step.fair:
                    seen.fair.append((world, after))
                if after in seen.came_from:
                    continue
                seen.came_from[after] = (world, step.label)
                if breach := judge(after):
                    return seen, Counterexample(breach=breach, trace=seen.trace(after))
                waiting.append(after)
        except ImpossibleTransition as error:
            return seen, Counterexample(breach=f"{error} is no edge", trace=seen.trace(world))
    return seen, _stuck(seen, rules)


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


def _stuck(seen: Exploration, rules: Rules) -> Counterexample | None:
    """A world from which no fair steps lead to an end, if there is one."""
    before: dict[World, list[World]] = {}
    for source, target in seen.fair:
        before.setdefault(target, []).append(source)
    ends = [world for world in seen.came_from if _settled(world, rules)]
    reaching = set(ends)
    while ends:
        for source in before.get(ends.pop(), ()):
            if source not in reaching:
                reaching.add(source)
                ends.append(source)
    for world in seen.came_from:
        if world not in reaching:
            return Counterexample(breach=STUCK, trace=seen.trace(world))
    return None


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
        print(f"class {kind}: {len(seen.came_from)} worlds in {took:.1f} s: {wrong or 'the protocol holds'}")  # noqa: T201 - a report for a person
        failed |= wrong is not None
    for guard in Guard:
        found = counterexample(guard)
        kind = SHOWN_ON.get(guard, Idempotency.KEY)
        print(f"\nwithout “{guard}”, class {kind}: {found or 'NOTHING GOES WRONG'}")  # noqa: T201 - a report for a person
        failed |= found is None
    return failed


if __name__ == "__main__":
    sys.exit(main())
