"""What befalls planners: they die, they are many, they were away."""

from contextlib import ExitStack
from datetime import timedelta

from sqlalchemy import delete

from scheduler.core.lateness import Lateness
from scheduler.services.delivery.planning import LEADER
from scheduler.store.tables import Lease
from tests.e2e.installation import wait_until
from tests.fire.fleet import Fleet
from tests.fire.kind import Due, Kind
from tests.fire.member import Member

AWAY = timedelta(hours=9)


def kill_planners(fleet: Fleet) -> None:
    """The leader dies before it tells anybody what is ready, then between two hints, then anywhere."""
    for point in ("ticked", "announced"):
        for planner in fleet.planners:
            planner.start(f"{point}:kill")
        wait_until(lambda: _one_died(fleet), seconds=30)
    for planner in fleet.planners:
        planner.start()
        fleet.pause(2)
        planner.kill()


def lead_both(fleet: Fleet) -> None:
    """Two planners, and their leader's lease is taken away all the time: both lead at once."""
    _usurp_while_busy(fleet)


def lead_five(fleet: Fleet) -> None:
    """Five planners, all leading at once."""
    with ExitStack() as stack:
        for number in range(3, 6):
            more = Member(
                name=f"planner-{number}",
                command=("planner",),
                folder=fleet.installation.folder,
                environment=fleet.installation.environment,
            )
            stack.callback(more.kill)
            more.start()
        _usurp_while_busy(fleet)


def leave(fleet: Fleet) -> None:
    """No planner is there while everything falls due."""
    for planner in fleet.planners:
        planner.stop()


def come_back(fleet: Fleet) -> None:
    """The planners find nine hours of posts due."""
    for planner in fleet.planners:
        planner.start()


def _usurp_while_busy(fleet: Fleet) -> None:
    for _ in fleet.while_busy(every_s=0.1, limit_s=30):
        _usurp(fleet)


def _one_died(fleet: Fleet) -> bool:
    """Whichever leads comes to the point."""
    _usurp(fleet)
    return not all(planner.alive for planner in fleet.planners)


def _usurp(fleet: Fleet) -> None:
    """Nobody leads: whoever ticks next does."""
    with fleet.runtime.begin() as session:
        session.execute(delete(Lease).where(Lease.name == LEADER))


KINDS = (
    Kind(name="planner-killed", group="planner", play=kill_planners, due=Due(over_s=30)),
    Kind(name="planners-two-leading", group="planner", play=lead_both),
    Kind(name="planners-five-leading", group="planner", play=lead_five),
    Kind(
        name="planner-away-9-hours",
        group="planner",
        before=leave,
        play=come_back,
        due=Due(in_s=-AWAY.total_seconds(), over_s=AWAY.total_seconds() / 2, lateness=Lateness.EVERGREEN),
    ),
)
