"""What befalls workers: death and standstill at every step, too little memory, a broken installation."""

import resource
import signal

from tests.e2e.installation import wait_until
from tests.fire.fleet import LEASE_S, Fleet
from tests.fire.kind import FACES, Due, Kind
from tests.fire.member import DIES_WITHIN_S

DYING = (
    ("hinted", "claimed"),
    ("staged", "handle_saved"),
    ("marked", "sending"),
    ("journalled", "answered"),
    ("looked", "outcome_written"),
    ("recorded", "ended"),
)
PAST_LEASE_S = LEASE_S + 3
SLOW_S = 3.0


def kill_at_failpoints(fleet: Fleet) -> None:
    """Two at a time, the workers die at one point after the other; the next take over what they left."""
    missed = []
    for points in DYING:
        for worker, point in zip(fleet.workers, points, strict=True):
            worker.start(f"{point}:kill")
        for _ in fleet.while_busy(every_s=0.2, limit_s=DIES_WITHIN_S):
            if not any(worker.alive for worker in fleet.workers):
                break
        missed += [point for point, worker in zip(points, fleet.workers, strict=True) if worker.alive]
    assert not missed, f"no work came to {', '.join(missed)}: try more deliveries"


def freeze_before_call(fleet: Fleet) -> None:
    """A worker stands still with everything ready to be sent, and goes on when it is no longer its own."""
    _freeze_at(fleet, "claimed", "sending", "journalled")


def freeze_after_call(fleet: Fleet) -> None:
    """A worker stands still with the answers in hand; once within the transaction that writes them."""
    _freeze_at(fleet, "answered", "outcome_written", "recorded")


def freeze_in_call(fleet: Fleet) -> None:
    """Platforms are slow, and both workers stand still while their requests are under way."""
    _slow_down(fleet)
    for worker in fleet.workers:
        fleet.pause(SLOW_S / 2)
        worker.freeze()
    fleet.pause(PAST_LEASE_S)
    for worker in fleet.workers:
        worker.thaw()


def terminate_in_call(fleet: Fleet) -> None:
    """Workers are asked to end while their requests are under way; they finish these first."""
    _slow_down(fleet)
    for worker in fleet.workers:
        fleet.pause(SLOW_S / 2)
        worker.send(signal.SIGTERM)
    for worker in fleet.workers:
        worker.wait_dead()
        worker.start()


def starve_of_memory(fleet: Fleet) -> None:
    """A worker gets no more memory while it works: no thread, no buffer that it does not have already."""
    fleet.pause(Due().in_s)
    pid = fleet.workers[0].pid
    assert pid, "the worker is dead already"
    resource.prlimit(pid, resource.RLIMIT_AS, (0, 0))
    for _ in fleet.while_busy(every_s=1, limit_s=20):
        pass


def break_installation(fleet: Fleet) -> None:
    """A worker whose installation lacks a module ends at once; the other does the work."""
    worker = fleet.workers[0]
    for module in ("psycopg", "connectors.bluesky", "scheduler.services.publishing"):
        worker.start(options=("--without", module))
        worker.wait_dead()


def _freeze_at(fleet: Fleet, *points: str) -> None:
    """Whichever worker comes to the point stands still until its lease is long over."""
    for point in points:
        for worker in fleet.workers:
            worker.start(f"{point}:stop")
        wait_until(lambda: any(worker.frozen for worker in fleet.workers), seconds=30)
        fleet.pause(PAST_LEASE_S)
        for worker in fleet.workers:
            worker.thaw()


def _slow_down(fleet: Fleet) -> None:
    """Half of the answers come late, half of the requests take effect late."""
    for face in FACES:
        for before in (True, False) * 5:
            fleet.sandbox.add_fault(face, "delay", method="POST", times=5, seconds=SLOW_S, before=before)


KINDS = (
    Kind(
        name="worker-killed-at-failpoints",
        group="worker",
        play=kill_at_failpoints,
        due=Due(over_s=75),
        doubtful=True,
    ),
    Kind(
        name="worker-frozen-before-call",
        group="worker",
        play=freeze_before_call,
        due=Due(over_s=30),
        doubtful=True,
    ),
    Kind(name="worker-frozen-in-call", group="worker", play=freeze_in_call, doubtful=True),
    Kind(
        name="worker-frozen-after-call",
        group="worker",
        play=freeze_after_call,
        due=Due(over_s=30),
        doubtful=True,
    ),
    Kind(name="worker-terminated-in-call", group="worker", play=terminate_in_call),
    Kind(name="worker-out-of-memory", group="worker", play=starve_of_memory, doubtful=True),
    Kind(name="worker-cannot-import", group="worker", play=break_installation),
)
