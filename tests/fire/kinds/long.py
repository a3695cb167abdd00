"""What lasts: ten minutes without a broker that keeps anything, or without any; a dump six hours old."""

import math
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from tests.e2e.installation import wait_until
from tests.fire.fleet import Fleet
from tests.fire.kind import Due, Kind, Result
from tests.fire.kinds.answers import watch
from tests.fire.kinds.broker import leave
from tests.fire.kinds.clocks import HOUR_S, lied_to
from tests.fire.kinds.database import REFUSED_WITHIN_S, require, stopped
from tests.servers.postgres import find_programs

TEN_MINUTES = Due(in_s=30, over_s=600)
ENDS_WITHIN_S = 60
ADDED_S = 10
TRICKLE = 1200
AGE_S = 6 * HOUR_S
SENT_SINCE = 500
WORKED_ON_S = 30


def trickle(fleet: Fleet) -> None:
    """Nothing disturbs."""
    _each_second(fleet, lambda: None)


def flush(fleet: Fleet) -> None:
    """Everything in the broker is deleted each second."""
    _each_second(fleet, fleet.valkey.flush)


def stay_away(fleet: Fleet) -> None:
    """The broker is away before the first is due and until all is published without it."""
    _each_second(fleet, lambda: require(not fleet.valkey.process.alive, "the broker is there"))


def restore_dump(fleet: Fleet) -> None:
    """A dump is made, all is published, six hours go by, and the dump takes the database's place.

    Nothing may be sent by it until a person has recovered what the journal knows more, nor then.
    """
    dump = fleet.installation.folder / "dump"
    _postgres(fleet, "pg_dump", "--format=custom", f"--file={dump}", "--dbname={}")
    watch(fleet, seconds=240)
    seen = fleet.seen()
    require(seen == len(fleet.deliveries()), "not all was published before the dump came back")
    with lied_to(fleet, FAKETIME=f"+{AGE_S}"):
        with stopped(fleet):
            _postgres(fleet, "pg_restore", "--clean", "--if-exists", "--dbname={}", dump)
        wait_until(lambda: not any(one.alive for one in fleet.members), seconds=REFUSED_WITHIN_S)
        lost = fleet.installation.json("recover")["lost"]
        require(len(lost) == seen, f"the journal tells {len(lost)} of {seen}")
        fleet.installation.run("recover", "--yes", "--as", "Mei")
        for member in fleet.members:
            member.start()
        fleet.pause(WORKED_ON_S)
        require(fleet.seen() == seen, "something was published again")


def added(results: Sequence[Result]) -> tuple[str, ...]:
    """What the flushing added to the longest delay of the trickle beside it, where that is too much."""
    longest = {result.kind: result.delay_s for result in results}
    beside = longest.get("long-undisturbed", math.inf)
    added_s = longest.get("long-broker-flushed", 0.0) - beside
    return (f"the flushed broker added {added_s:.1f} s",) if added_s > ADDED_S else ()


def _each_second(fleet: Fleet, act: Callable[[], object]) -> None:
    ends_s = time.monotonic() + TEN_MINUTES.in_s + TEN_MINUTES.over_s + ENDS_WITHIN_S
    for _ in fleet.while_busy(every_s=1, limit_s=ends_s - time.monotonic()):
        act()


def _postgres(fleet: Fleet, program: str, *arguments: str | Path) -> None:
    """Run one of PostgreSQL's programs on the product's database."""
    url = make_url(fleet.settings.database).set(drivername="postgresql").render_as_string()
    told = [str(one).format(url) for one in arguments]
    subprocess.run([find_programs() / program, *told], check=True, capture_output=True)


def _kind(name: str, play: Callable[[Fleet], None], **more: Any) -> Kind:
    return Kind(name=f"long-{name}", group="long", play=play, **more)


KINDS = (
    _kind("undisturbed", trickle, due=TEN_MINUTES, deliveries=TRICKLE),
    _kind("broker-flushed", flush, due=TEN_MINUTES, deliveries=TRICKLE),
    _kind("broker-away", stay_away, before=leave, due=TEN_MINUTES, deliveries=TRICKLE),
    _kind("dump-restored", restore_dump, due=Due(in_s=10, over_s=20), deliveries=SENT_SINCE),
)
