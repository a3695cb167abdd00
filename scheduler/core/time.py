"""Wall time to instants: a time that does not exist is refused, one that exists twice is asked about."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True, slots=True)
class Instant:
    """The one instant (aware UTC) a wall time stands for."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """The wall time is skipped when clocks go forward; its neighbours exist (naive, same zone)."""

    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class Fold:
    """The wall time happens twice when clocks go back: `first` and `second` (aware UTC)."""

    first: datetime
    second: datetime


class UnknownZone(ValueError):
    """No IANA zone has this name."""


def zone(name: str) -> ZoneInfo:
    """The IANA zone of this name, or UnknownZone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownZone(name) from None


def read_wall_time(wall: datetime, zone: ZoneInfo, *, fold: int | None = None) -> Instant | Gap | Fold:
    """What naive `wall` means in `zone`; `fold` (0 first, 1 second) answers a Fold beforehand."""
    first, second = (_to_utc(wall, zone, reading) for reading in (0, 1))
    if not _exists(wall, zone, first):
        return _gap(wall, first, second, zone)
    if first == second:
        return Instant(first)
    if fold is None:
        return Fold(first, second)
    return Instant(second if fold else first)


def _to_utc(wall: datetime, zone: ZoneInfo, fold: int) -> datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _exists(wall: datetime, zone: ZoneInfo, instant: datetime) -> bool:
    return instant.astimezone(zone).replace(tzinfo=None, fold=0) == wall


def _gap(wall: datetime, first: datetime, second: datetime, zone: ZoneInfo) -> Gap:
    """The last minute before the jump and the first one after it."""
    jump = first - second
    step = timedelta(minutes=1)
    before = wall
    while not _exists(before, zone, _to_utc(before, zone, 0)):
        before -= step
    after = before + step + jump
    return Gap(before=before, after=after)
