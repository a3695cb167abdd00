"""What befalls workers: death and standstill at every step, too little memory, a broken installation."""

import resource
import signal
import time
from collections.abc import Callable
from functools import partial

from scheduler.services.delivery import planning
from scheduler.testing import RecordingDispatcher
from tests.fire.fleet import CHUNK, LEASE_S, Fleet
from tests.fire.kind import FACES, Kind
from workers.celery_app import make_app
from workers.dispatchers import CeleryDispatcher

DYING = (
    ("hinted", "claimed"),
    ("staged", "handle_saved"),
    ("marked", "sending"),
    ("journalled", "answered"),
    ("looked", "outcome_written"),
    ("recorded", "ended"),
)
LED_FOR_S = 60
PAST_LEASE_S = LEASE_S + 3
SLOW_S = 3.0


def without_planners(fleet: Fleet) -> None:
    """Planners publish what workers leave, so fast that a worker might never come to its point."""
    for planner in fleet.planners:
        planner.kill()


def kill_at_failpoints(fleet: Fleet) -> None:
    """Two at a time, the workers die at one point after the other; the next take over what they left."""
    for points in DYING:
        for worker, point in zip(fleet.workers, points, strict=True):
            worker.start(f"{point}:kill")
        _lead(fleet, lambda: not any(worker.alive for worker in fleet.workers))


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
    fleet.pause(2)
    pid = fleet.workers[0].pid
    assert pid, "the worker is dead already"
    resource.prlimit(pid, resource.RLIMIT_AS, (0, 0))
    for _ in fleet.while_busy(every_s=1, limit_s=20):
        pass


def break_installation(fleet: Fleet) -> None:
    """A worker whose installation lacks a module ends at once; the other does the work."""
    worker = fleet.workers[0]
    for module in ("psycopg", "connectors.bluesky", "scheduler.services.delivery.publishing"):
        worker.start(options=("--without", module))
        worker.wait_dead()


def _freeze_at(fleet: Fleet, *points: str) -> None:
    """Whichever worker comes to the point stands still until its lease is long over."""
    for point in points:
        for worker in fleet.workers:
            worker.start(f"{point}:stop")
        _lead(fleet, lambda: any(worker.frozen for worker in fleet.workers))
        lapsed_at = time.monotonic() + PAST_LEASE_S
        _lead(fleet, partial(_is_past, lapsed_at))
        for worker in fleet.workers:
            worker.thaw()


def _is_past(moment_s: float) -> bool:
    return time.monotonic() > moment_s


def _lead(fleet: Fleet, done: Callable[[], bool]) -> None:
    """Be the planner until it is done: each second, hint at the first ten that are open."""
    dispatcher, app = RecordingDispatcher(), make_app(fleet.valkey.url)
    for _ in range(LED_FOR_S):
        if done():
            return
        planning.tick(fleet.runtime, dispatcher, chunk=CHUNK)
        ids = fleet.open_ids()
        for start in range(0, 2 * CHUNK, CHUNK):
            CeleryDispatcher(app).announce(ids[start : start + CHUNK])
        fleet.pause(1)
    assert done(), "no work came to the point: try more deliveries"


def _slow_down(fleet: Fleet) -> None:
    """Half of the answers come late, half of the requests take effect late."""
    for face in FACES:
        for before in (True, False) * 5:
            fleet.sandbox.add_fault(face, "delay", method="POST", times=5, seconds=SLOW_S, before=before)


KINDS = (
    Kind(
        name="worker-killed-at-failpoints",
        group="worker",
        before=without_planners,
        play=kill_at_failpoints,
        doubtful=True,
    ),
    Kind(
        name="worker-frozen-before-call",
        group="worker",
        before=without_planners,
        play=freeze_before_call,
        doubtful=True,
    ),
    Kind(name="worker-frozen-in-call", group="worker", play=freeze_in_call, doubtful=True),
    Kind(
        name="worker-frozen-after-call",
        group="worker",
        before=without_planners,
        play=freeze_after_call,
        doubtful=True,
    ),
    Kind(name="worker-terminated-in-call", group="worker", play=terminate_in_call),
    Kind(name="worker-out-of-memory", group="worker", play=starve_of_memory, doubtful=True),
    Kind(name="worker-cannot-import", group="worker", play=break_installation),
)
