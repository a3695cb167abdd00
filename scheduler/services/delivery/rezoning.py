"""Keeping wall times when the rules of time zones change: due times are derived anew, what moved is listed.

Governments change clocks at short notice. The planner does this when it starts and every morning, so that
new rules count from the day they are installed.
"""

import zoneinfo
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path

import structlog

from scheduler.core.states import State
from scheduler.core.time import Fold, Gap, UnknownZone, read_wall_time, zone
from scheduler.core.wording import N_
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries, zone_rules
from scheduler.store.chunks import in_chunks
from scheduler.store.deliveries.timing import NEW_RULES
from scheduler.store.evidence.ledger import Line, Signed, note_each
from scheduler.store.zone_rules import Planned

GONE = N_("its wall time does not exist any more: the zone's rules changed")
MOVED = N_("the zone's rules changed: the wall time stays, the instant moves")
VERSION_LINE = "# version "

log = structlog.get_logger("postroad.zones")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A delivery whose wall time (naive, in `zone`) means another instant now; `after_at` is None for none.

    `before_at` and `after_at` are aware UTC.
    """

    delivery: int
    post: str
    channel: str
    wall_at: datetime
    zone: str
    before_at: datetime
    after_at: datetime | None


def rules_version() -> str:
    """The version of the rules this process reads, as `2026f`; empty when the system does not say."""
    for folder in zoneinfo.TZPATH:
        if (rules := Path(folder) / "tzdata.zi").is_file():
            with rules.open(encoding="utf-8") as lines:
                first = lines.readline().strip()
            return first.removeprefix(VERSION_LINE) if first.startswith(VERSION_LINE) else ""
    return str(import_module("tzdata").IANA_VERSION)


def derive_again(runtime: Runtime) -> tuple[Moved, ...]:
    """Give what is not sent yet the instants its wall times mean by today's rules; what moved.

    Nothing moves where another machine has derived them by newer rules already.
    """
    zoneinfo.ZoneInfo.clear_cache()
    version = rules_version()
    with runtime.begin() as session:
        if version < zone_rules.newest_rules(session):
            log.warning("older time zone rules here than elsewhere: nothing derived", rules=version)
            return ()
        rows = zone_rules.planned(session)
    changed = [one for one in map(_derived, rows) if one.after_at != one.before_at]
    signed = Signed(worker=runtime.worker, now=runtime.clock.now())
    moved = tuple(one for chunk in in_chunks(changed) for one in _move(runtime, chunk, signed))
    with runtime.begin() as session:
        zone_rules.set_newest_rules(session, version, now=signed.now)
    return moved


def _derived(row: Planned) -> Moved:
    id_, post, channel, wall_at, name, fold, due_at = row
    return Moved(
        delivery=id_,
        post=post,
        channel=channel,
        wall_at=wall_at,
        zone=name,
        before_at=due_at,
        after_at=_instant(wall_at, name, fold, due_at),
    )


def _instant(wall_at: datetime, name: str, fold: int | None, due_at: datetime) -> datetime | None:
    """What the wall time means now; None when it is skipped; of two readings the one it had."""
    try:
        reading = read_wall_time(wall_at, zone(name), fold=fold)
    except UnknownZone:
        return due_at
    if isinstance(reading, Gap):
        return None
    if isinstance(reading, Fold):
        return due_at if due_at == reading.second else reading.first
    return reading.at


def _move(runtime: Runtime, changed: Collection[Moved], signed: Signed) -> list[Moved]:
    """Those that were not edited, and did not begin to be sent, meanwhile."""
    instants = {one.delivery: (one.before_at, one.after_at) for one in changed}
    with runtime.begin() as session:
        states = deliveries.move_due(session, instants, reason=GONE, now=signed.now)
        moved = [one for one in changed if one.delivery in states]
        note_each(session, {one.delivery: _line(one, states[one.delivery]) for one in moved}, signed)
    for one in moved:
        log.warning(
            "moved by new time zone rules", delivery=one.delivery, zone=one.zone, to=str(one.after_at)
        )
    return moved


def _line(moved: Moved, state: State) -> Line:
    told = {"before": moved.before_at.isoformat(), "after": str(moved.after_at or "")}
    return Line(kind=NEW_RULES, state=state, reason=MOVED if moved.after_at else GONE, evidence=told)
