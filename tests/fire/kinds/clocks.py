"""What clocks do: jump an hour, be off, skip an hour, repeat one; and what governments do to them.

libfaketime (Debian's `faketime`) lies to the database server and to our processes; the platforms keep the
right time. A zone of our own, whose clocks change in mid-burst, is put on the path of Python's zoneinfo.
"""

import struct
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from scheduler.core.problems import Refused
from scheduler.services.members import find_member
from scheduler.services.writing.composing import import_posts
from scheduler.store.clock import ASK_AGAIN_S
from tests.e2e.installation import wait_until
from tests.fire.fleet import Fleet
from tests.fire.kind import Due, Kind, Rows
from tests.fire.kinds.answers import watch
from tests.fire.kinds.database import require, with_environment
from tests.servers.debian import require_packages

HOUR_S = 3600
OFF_S = 600
SHIFT_S = 20
LATER = Due(in_s=15, over_s=12)
SLOW = Due(in_s=15, over_s=40)
LONG = Due(in_s=15, over_s=100)
SEEN_WITHIN_S = ASK_AGAIN_S + 5
LIBRARIES = Path("/usr/lib")
ALONE = "this machine's clock is off"


def jumping(by_s: int, *, unseen: bool = False) -> Callable[[Fleet], None]:
    """A disturbance: in mid-burst the clock of the database and of all processes jumps, and later returns.

    Unseen it does so while no process is up.
    """

    def play(fleet: Fleet) -> None:
        told = fleet.installation.folder / "clock"
        told.write_text("+0")
        with lied_to(fleet, FAKETIME_TIMESTAMP_FILE=str(told), FAKETIME_NO_CACHE="1"):
            wait_until(lambda: fleet.seen() * 3 > len(fleet.deliveries()), seconds=90)
            with _down(fleet) if unseen else nullcontext():
                told.write_text(f"{by_s:+d}")
            if unseen:
                wait_until(lambda: _held(fleet), seconds=60)
            fleet.pause(SEEN_WITHIN_S)
            told.write_text("+0")
            fleet.pause(SEEN_WITHIN_S)

    return play


@contextmanager
def _down(fleet: Fleet) -> Iterator[None]:
    """While inside, no process is up."""
    for member in fleet.members:
        member.stop()
    yield
    for member in fleet.members:
        member.start()


def _held(fleet: Fleet) -> bool:
    with suppress(OSError):
        return fleet.metric("postroad_clock_jump_seconds") > 0
    return False


def skew(fleet: Fleet) -> None:
    """A worker's and a planner's machines are ten minutes ahead; the others do the work."""
    off = [fleet.workers[0], fleet.planners[0]]
    with with_environment(off, **_lie(FAKETIME=f"+{OFF_S}")):
        watch(fleet, seconds=90)
        logs = [member.folder / f"{member.name}.log" for member in off]
        require(any(ALONE in log.read_text(errors="replace") for log in logs), "nobody stood aside")


@contextmanager
def lied_to(fleet: Fleet, **lies: str) -> Iterator[None]:
    """While inside, server and processes run under libfaketime; no process starts while the server does."""
    server = fleet.postgres.process
    before, server.environment = server.environment, {**server.environment, **_lie(**lies)}
    server.restart()
    try:
        with with_environment(fleet.members, **_lie(**lies)):
            yield
    finally:
        for member in fleet.members:
            member.stop()
        server.environment = before
        server.restart()
        for member in fleet.members:
            member.start()


def _lie(**lies: str) -> dict[str, str]:
    require_packages(["faketime"], server="libfaketime")
    library = next(LIBRARIES.glob("*/faketime/libfaketimeMT.so.1"))
    alone = {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DISABLE_SHM": "1"}
    return {"LD_PRELOAD": str(library), **alone, **lies}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A zone whose clocks change once: seconds east of UTC before and after, at a naive UTC instant."""

    name: str
    at: datetime
    before_s: int
    after_s: int

    def wall(self, at: datetime) -> datetime:
        """What its clocks show at a naive UTC instant."""
        return at + timedelta(seconds=self.before_s if at < self.at else self.after_s)

    def write(self, folder: Path) -> None:
        """The zone's rules as a TZif file (RFC 9636)."""
        path = folder / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        epoch = int((self.at - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001 - UTC without a zone
        types = b"".join(struct.pack(">iBB", offset, 0, 0) for offset in (self.before_s, self.after_s))
        header = b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, 1, 2, 4)
        blocks = (header + struct.pack(size, epoch) + b"\1" + types + b"ZON\0" for size in (">l", ">q"))
        path.write_bytes(b"".join(blocks) + b"\n\n")


_changes: dict[str, Change] = {}


def with_change(
    before_s: int, after_s: int, *, earlier: timedelta = timedelta()
) -> Callable[[Fleet, Rows], Rows]:
    """The table in a zone whose clocks change in the middle of it, or so much earlier.

    What happens twice says which it means.
    """

    def rows(fleet: Fleet, table: Rows) -> Rows:
        instants = sorted(_instant(row) for row in table)
        change = Change(
            name=f"Fire/{fleet.installation.folder.name}-{fleet.serial}",
            at=instants[len(instants) // 2 + 1] - earlier,
            before_s=before_s,
            after_s=after_s,
        )
        _install(fleet, change)
        return [row | _told(change, _instant(row)) for row in table]

    return rows


def change_clocks(fleet: Fleet) -> None:
    """The clocks change in mid-burst; what falls into the change unsaid is refused."""
    change = _changes[fleet.installation.folder.name]
    with with_environment(fleet.members, PYTHONTZPATH=_path(fleet)):
        unsaid = change.at + timedelta(seconds=max(change.before_s, change.after_s) - HOUR_S / 2)
        require(_refused(fleet, change.name, unsaid), "an hour that is not there, or is twice, was taken")
        watch(fleet, seconds=90)


def change_rules(fleet: Fleet) -> None:
    """New rules come after the approval: clocks will show the approved wall times a little later."""
    old = _changes[fleet.installation.folder.name]
    _install(
        fleet,
        Change(name=old.name, at=old.at, before_s=old.before_s - SHIFT_S, after_s=old.after_s - SHIFT_S),
    )
    with with_environment(fleet.members, PYTHONTZPATH=_path(fleet)):
        watch(fleet, seconds=90)


def as_meant(later_s: int = 0) -> Callable[[Fleet], Iterable[str]]:
    """Every due instant is the one that the wall time meant, so much later by new rules."""

    def check(fleet: Fleet) -> Iterable[str]:
        later = timedelta(seconds=later_s)
        due = {row.due_at for row in fleet.deliveries()}
        if (min(due), max(due)) != (fleet.burst.first_due_at + later, fleet.burst.last_due_at + later):
            yield f"due from {min(due)} to {max(due)}, meant {fleet.burst.first_due_at + later} and on"

    return check


def _told(change: Change, at: datetime) -> dict[str, str]:
    wall = change.wall(at)
    told = {"at": str(wall), "zone": change.name}
    repeated = abs(at - change.at) <= timedelta(seconds=HOUR_S) and change.after_s < change.before_s
    return told | ({"fold": "first" if at < change.at else "second"} if repeated else {})


def _install(fleet: Fleet, change: Change) -> None:
    """Put the zone where this process, and those started with the path, find it."""
    change.write(fleet.installation.folder / "zones")
    zoneinfo.reset_tzpath(to=[str(fleet.installation.folder / "zones"), *zoneinfo.TZPATH])
    zoneinfo.ZoneInfo.clear_cache()
    _changes[fleet.installation.folder.name] = change


def _path(fleet: Fleet) -> str:
    return f"{fleet.installation.folder / 'zones'}:/usr/share/zoneinfo"


def _instant(row: dict[str, str]) -> datetime:
    """When a row of the plain table is due: naive, and UTC."""
    return datetime.fromisoformat(row["at"])


def _refused(fleet: Fleet, zone: str, wall: datetime) -> bool:
    row = {"post": "unsaid", "at": str(wall), "zone": zone, "channels": "bluesky-en", "text.en": "unsaid"}
    path = fleet.installation.write_table("unsaid.csv", [row])
    try:
        import_posts(fleet.runtime, path, author=find_member(fleet.runtime, "Lin"), approver=None)
    except Refused:
        return True
    return False


def _kind(name: str, play: Callable[[Fleet], None], *, due: Due = LATER, **more: Any) -> Kind:
    return Kind(name=f"time-{name}", group="time", play=play, due=due, **more)


KINDS = (
    _kind("jump-ahead-1-h", jumping(HOUR_S), due=SLOW),
    _kind("jump-ahead-unseen-5-min", jumping(HOUR_S // 12, unseen=True), due=LONG),
    _kind("jump-back-1-h", jumping(-HOUR_S), due=SLOW),
    _kind("skew", skew, due=Due(in_s=12, over_s=10)),
    _kind("gap", change_clocks, rows=with_change(HOUR_S, 2 * HOUR_S), check=as_meant()),
    _kind("fold", change_clocks, rows=with_change(2 * HOUR_S, HOUR_S), check=as_meant()),
    _kind(
        "tzdata-change",
        change_rules,
        rows=with_change(HOUR_S, 2 * HOUR_S, earlier=timedelta(days=2)),
        check=as_meant(SHIFT_S),
    ),
)
