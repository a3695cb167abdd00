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
    hint was given and none will be given again. `paused` is what the database knows of a pause.
    """

    state: State = State.SCHEDULED
    token: int = 0
    tainted: bool = False
    approved: int = 1
    content: int = 1
    generation: int = 1
    handle: int = 0
    allowed: bool = False
    recalled: bool = False
    gone: bool = False
    watched: bool = True
    announced: bool = False
    paused: bool = False

    def to(self, state: State) -> "Row":
        """The row moved along an edge of the product's table; ImpossibleTransition when there is none."""
        if state is not self.state:
            require_edge(self.state, state)
        return self._replace(state=state, announced=False)


class Worker(NamedTuple):
    """A worker with what it remembers of the row: its bytes, its key, whether it was tainted or recalled.

    `stale` says that somebody has looked, or a doubt ended, since it went to look.
    """

    phase: Phase = Phase.IDLE
    version: int = 0
    key: int = 0
    handle: int = 0
    tainted: bool = False
    seen: State = State.READY
    stale: bool = False
    recalled: bool = False
    answer: str = ""


class Packet(NamedTuple):
    """A request on its way: whose, by which key, with which bytes."""

    owner: int
    key: int
    version: int


class World(NamedTuple):
    """Everything there is. `posts` is what people see: (key, version); `breach` what must never be.

    `objects` are the versions of the invisible objects that somebody still knows, oldest first. What people
    decided is `paused`, `approved`, `cancelled`, and for good `recalled` and `closed`, whatever the row says.
    `marked` says that the journal knows that they did, `unheeded` that only the database has the mark yet.
    `faults` and `people` are how much may still happen.
    """

    row: Row = Row()
    workers: tuple[Worker, Worker] = (Worker(), Worker())
    packets: tuple[Packet, ...] = ()
    posts: tuple[tuple[int, int], ...] = ()
    hint: bool = False
    paused: bool = False
    approved: int = 1
    cancelled: bool = False
    marked: bool = False
    unheeded: bool = False
    window: Window = Window.OPEN
    due: bool = False
    objects: tuple[int, ...] = ()
    sends: int = 0
    recalled: bool = False
    closed: bool = False
    breach: str = ""
    faults: int = 0
    people: int = 0

    def put(self, number: int, worker: Worker) -> "World":
        """The world with this worker in that place."""
        workers = (worker, self.workers[1]) if number == HERE else (self.workers[0], worker)
        return self._replace(workers=workers)

    def looked(self) -> "World":
        """The world in which whoever looks for it now comes too late."""
        workers = [one._replace(stale=one.phase in (Phase.LOOKING, Phase.LOOKED)) for one in self.workers]
        return self._replace(workers=(workers[0], workers[1]))

    def canonical(self) -> "World":
        """The same world for all that differ only in what nobody can tell apart."""
        return self._forgotten()._mirrored()

    def _forgotten(self) -> "World":
        """Without the objects that nobody knows; the others are numbered in their order."""
        if not self.objects:
            return self
        known = {self.row.handle, self.workers[0].handle, self.workers[1].handle}
        known |= {self.workers[0].key, self.workers[1].key}
        known |= {packet.key for packet in self.packets} | {key for key, _ in self.posts}
        kept = [number for number in range(1, len(self.objects) + 1) if number in known]
        if len(kept) == len(self.objects):
            return self
        now = {0: 0} | {number: place for place, number in enumerate(kept, 1)}
        first, second = (one._replace(handle=now[one.handle], key=now[one.key]) for one in self.workers)
        return self._replace(
            row=self.row._replace(handle=now[self.row.handle]),
            workers=(first, second),
            packets=tuple(sorted(one._replace(key=now[one.key]) for one in self.packets)),
            posts=tuple((now[key], version) for key, version in self.posts),
            objects=tuple(self.objects[number - 1] for number in kept),
        )

    def _mirrored(self) -> "World":
        """The workers are alike."""
        first, second = self.workers
        if first < second or (first == second and self.row.token != THERE + 1):
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


def decision(label: str, world: World, *, marked: bool = True) -> list[Step]:
    """A person's step by a command, whose line is in the journal before it ends, unless it dies before."""
    done = person(label, world._replace(marked=world.marked or marked))
    if world.marked or not marked:
        return done
    unheeded = [step.world._replace(marked=False, unheeded=True) for step in done]
    return [*done, *(dead for one in unheeded for dead in fault(f"{label}, and the command dies", one))]
