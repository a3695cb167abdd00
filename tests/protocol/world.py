"""One delivery, two workers, one platform and what is under way between them, as a value."""

from enum import IntEnum
from typing import NamedTuple

from scheduler.core.states import State, require_edge

HERE, THERE = 0, 1


class Phase(IntEnum):
    """What a worker is doing."""

    IDLE = 0
    CLAIMED = 1
    STAGED = 2
    MARKED = 3
    WAITING = 4
    ANSWERED = 5
    LOOKING = 6
    LOOKED = 7
    LAYING_OUT = 8


class Window(IntEnum):
    """OPEN: a repeat is safe. MARGIN: we repeat no more. FORGOTTEN: the platform no longer knows the key."""

    OPEN = 0
    MARGIN = 1
    FORGOTTEN = 2


class Row(NamedTuple):
    """The delivery's row; `approved` is the version approved (0: none), `content` the one stored.

    `handle` is the staged object's number; `allowed` says that a person let it be sent again, `recalled` that
    one takes it back, `gone` that it was taken down; `watched` that someone will look, `announced` that a
    hint was given a moment ago.
    """

    state: State = State.SCHEDULED
    token: int = 0
    tainted: bool = False
    approved: int = 1
    content: int = 1
    generation: int = 1
    handle: int = 0
    looks: int = 0
    allowed: bool = False
    recalled: bool = False
    gone: bool = False
    watched: bool = True
    announced: bool = False

    def to(self, state: State) -> "Row":
        """The row moved along an edge of the product's table; ImpossibleTransition when there is none."""
        if state is not self.state:
            require_edge(self.state, state)
        return self._replace(state=state, announced=False)


class Worker(NamedTuple):
    """A worker with what it remembers of the row: its bytes, its key, whether it was tainted or recalled."""

    phase: Phase = Phase.IDLE
    version: int = 0
    key: int = 0
    handle: int = 0
    tainted: bool = False
    seen: State = State.READY
    looks: int = 0
    recalled: bool = False
    answer: str = ""


class Packet(NamedTuple):
    """A request on its way: whose, by which key, with which bytes."""

    owner: int
    key: int
    version: int


class World(NamedTuple):
    """Everything there is. `posts` is what people see: (key, version); `breach` what must never be.

    `objects` are the versions of the invisible objects the platform holds, in the order they were made.
    """

    row: Row = Row()
    workers: tuple[Worker, Worker] = (Worker(), Worker())
    packets: tuple[Packet, ...] = ()
    posts: tuple[tuple[int, int], ...] = ()
    hint: bool = False
    paused: bool = False
    window: Window = Window.OPEN
    due: bool = False
    objects: tuple[int, ...] = ()
    sends: int = 0
    faults: int = 0
    people: int = 0
    breach: str = ""

    def put(self, number: int, worker: Worker) -> "World":
        """The world with this worker in that place."""
        workers = (worker, self.workers[1]) if number == HERE else (self.workers[0], worker)
        return self._replace(workers=workers)

    def canonical(self) -> "World":
        """The same world for each of its two mirror images: the workers are alike."""
        first, second = self.workers
        if first <= second:
            return self
        row = self.row._replace(token=3 - self.row.token if self.row.token else 0)
        packets = tuple(sorted(packet._replace(owner=1 - packet.owner) for packet in self.packets))
        return self._replace(row=row, workers=(second, first), packets=packets)


class Step(NamedTuple):
    """A move that is possible. A `fair` one happens by itself in the end: no fault and no person in it."""

    label: str
    world: World
    fair: bool = True


def fault(label: str, world: World) -> list[Step]:
    """The step, while something may still go wrong."""
    return [Step(label, world._replace(faults=world.faults - 1), fair=False)] if world.faults else []


def person(label: str, world: World) -> list[Step]:
    """The step, while people may still intervene."""
    return [Step(label, world._replace(people=world.people - 1), fair=False)] if world.people else []
