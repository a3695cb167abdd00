"""What befalls workers: death and standstill at every step, too little memory, a broken installation."""

from tests.fire.fleet import Fleet
from tests.fire.kind import Due, Kind

SENDING_POINTS = (
    "hinted",
    "claimed",
    "staged",
    "handle_saved",
    "marked",
    "sending",
    "journalled",
    "answered",
    "outcome_written",
    "recorded",
    "ended",
    "looked",
)


def kill_at_failpoints(fleet: Fleet) -> None:
    """Two at a time, the workers die at one point after the other; the next take over what they left."""
    for points in zip(SENDING_POINTS[::2], SENDING_POINTS[1::2], strict=True):
        for worker, point in zip(fleet.workers, points, strict=True):
            worker.start(f"{point}:kill")
        for worker in fleet.workers:
            worker.wait_dead()


KINDS = (
    Kind(
        name="worker-killed-at-failpoints",
        group="worker",
        play=kill_at_failpoints,
        due=Due(over_s=40),
        doubtful=True,
    ),
)
