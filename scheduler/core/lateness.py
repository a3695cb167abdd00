"""How late a post may be: publish late and say so, hold and ask, or miss."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Lateness(StrEnum):
    """The author's choice of how perishable a post is (column `lateness` of an import)."""

    LIVE = "live"
    NEWS = "news"
    NORMAL = "normal"
    EVERGREEN = "evergreen"


class Judgement(StrEnum):
    """What lateness means for one delivery now."""

    PUBLISH = "publish"
    HOLD = "hold"
    MISS = "miss"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Up to `publish` late goes out by itself; from there to `limit` a person decides; later is missed."""

    publish: timedelta
    limit: timedelta


TOLERANCES = {
    Lateness.LIVE: Tolerance(timedelta(minutes=5), timedelta(minutes=15)),
    Lateness.NEWS: Tolerance(timedelta(minutes=30), timedelta(hours=3)),
    Lateness.NORMAL: Tolerance(timedelta(hours=2), timedelta(hours=24)),
    Lateness.EVERGREEN: Tolerance(timedelta(hours=24), timedelta(days=7)),
}


def judge(lateness: Lateness, *, due_at: datetime, now: datetime) -> Judgement:
    """The judgement at `now` for something due at `due_at` (both aware)."""
    tolerance, late = TOLERANCES[lateness], now - due_at
    if late <= tolerance.publish:
        return Judgement.PUBLISH
    return Judgement.HOLD if late <= tolerance.limit else Judgement.MISS


def latest(lateness: Lateness, due_at: datetime) -> datetime:
    """The last instant at which something due at `due_at` still goes out by itself."""
    return due_at + TOLERANCES[lateness].publish
