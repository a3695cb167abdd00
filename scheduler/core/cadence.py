"""When to look at counters again: by age, before what closes, less often where nothing moves or looks cost.

A publication is looked at when it is 1 h, 6 h, 1 d, 7 d and 28 d old, two hours before each week ends until
then, two hours before one of its counters can be read no more, and every 30 d after. Instants are aware UTC.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.capabilities import Capabilities

LOOK_AGES = (
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=7),
    timedelta(days=28),
)
MONTHLY = timedelta(days=30)
CLOSING_LOOK = timedelta(hours=2)
QUIET = 2
"""After so many looks without a change the monthly looks spread. Weekly ones do not: reports need them."""
RETRY_AFTER_LEAST = timedelta(hours=1)
RETRY_AFTER_MOST = timedelta(days=1)
AUDIENCE_EVERY = timedelta(hours=23)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a platform's counters ask of the times of looks.

    `windows` are the ages at which some counter can be read no more; `ends` says that after the last of
    them nothing is left to read. Where looks are `billed`, there is one a UTC day at most.
    """

    windows: tuple[timedelta, ...] = ()
    ends: bool = False
    billed: bool = False

    def ends_at(self, origin_at: datetime) -> datetime | None:
        """From when on nothing of a publication can be read; None without end."""
        return origin_at + max(self.windows) if self.ends else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Where a publication stands: since when it is live, and how many looks in a row showed no change."""

    origin_at: datetime
    still: int = 0


FREE = Rule()


def rule_of(sheet: Capabilities) -> Rule:
    """The rule of a platform's publications, from its sheet."""
    metrics = sheet.counted("publication")
    windows = {timedelta(seconds=metric.window_s) for metric in metrics if metric.window_s}
    return Rule(
        windows=tuple(sorted(windows)),
        ends=bool(metrics) and all(metric.window_s for metric in metrics),
        billed=sheet.price is not None,
    )


def next_look(life: Life, rule: Rule, *, now: datetime, week_end_at: datetime) -> datetime | None:
    """When to look again after a look at `now`; None when nothing will be left to read.

    `week_end_at` is the end of the week of `now`. Of a billed platform it is on a later UTC day, at the last
    look which that day asks for: it shows what the earlier ones would.
    """
    ahead = sorted(at for at in _looks(life, rule, now=now, week_end_at=week_end_at) if at > now)
    if not rule.billed:
        return ahead[0] if ahead else None
    return _last_of_first_day(at for at in ahead if at.date() > now.date())


def worth_waiting(life: Life, rule: Rule, *, now: datetime, week_end_at: datetime) -> datetime | None:
    """A later look of the same UTC day for which a billed one is saved up; None when it may be made now."""
    if not rule.billed:
        return None
    looks = _looks(life, rule, now=now, week_end_at=week_end_at)
    return max((at for at in looks if at > now and at.date() == now.date()), default=None)


def next_try(origin_at: datetime, *, now: datetime) -> datetime:
    """When to try again after a failed reading: after a quarter of its age, from 1 h to 1 d."""
    return now + min(max((now - origin_at) / 4, RETRY_AFTER_LEAST), RETRY_AFTER_MOST)


def audience_due(
    read_at: datetime | None, *, now: datetime, week_end_at: datetime, billed: bool = False
) -> bool:
    """True once a day, and once more in the last two hours of the week; `read_at` is the last look.

    Of a billed platform never twice on one UTC day.
    """
    if read_at is None:
        return True
    if billed and read_at.date() >= now.date():
        return False
    return now - read_at >= AUDIENCE_EVERY or read_at < week_end_at - CLOSING_LOOK <= now


def fingerprint(values: Mapping[str, int]) -> str:
    """The same for equal readings only: 16 hexadecimal digits."""
    return hashlib.sha256(json.dumps(sorted(values.items())).encode()).hexdigest()[:16]


def _looks(life: Life, rule: Rule, *, now: datetime, week_end_at: datetime) -> Iterator[datetime]:
    """Every instant worth a look that can be the next one, those behind included."""
    last = rule.ends_at(life.origin_at)
    for at in (*_by_age(life, now), *_before_closings(life, rule, week_end_at)):
        if last is None or at < last:
            yield at


def _by_age(life: Life, now: datetime) -> Iterator[datetime]:
    yield from (life.origin_at + age for age in LOOK_AGES)
    grown_at = life.origin_at + LOOK_AGES[-1]
    every = MONTHLY * 2 ** min(life.still // QUIET, 2)
    passed = max(now - grown_at, timedelta(0)) // every
    yield grown_at + (passed + 1) * every


def _before_closings(life: Life, rule: Rule, week_end_at: datetime) -> Iterator[datetime]:
    yield from (life.origin_at + window - min(CLOSING_LOOK, window / 12) for window in rule.windows)
    until = life.origin_at + LOOK_AGES[-1]
    closings = (week_end_at - CLOSING_LOOK + timedelta(weeks=weeks) for weeks in (0, 1))
    yield from (at for at in closings if at < until)


def _last_of_first_day(ahead: Iterable[datetime]) -> datetime | None:
    ordered = sorted(ahead)
    return max((at for at in ordered if at.date() == ordered[0].date()), default=None)
