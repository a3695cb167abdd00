"""What a report is about: an ISO week, a month, a year or a campaign's days, whole days in a zone."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from scheduler.core.weeks import UnknownWeek, Week, first_instant

_MONTH = re.compile(r"(2\d{3})-(\d{2})", re.ASCII)
_YEAR = re.compile(r"2\d{3}", re.ASCII)
_DAY = timedelta(days=1)


class UnknownPeriod(ValueError):
    """The text names no period of its kind."""


class Kind(StrEnum):
    """How long a report looks back."""

    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days from `first_day` to `last_day`. Its name tells its kind: `2026-W47`, `2026-11`, `2026`.

    A campaign's days are called as ISO 8601 calls an interval: `2026-10-01--2026-11-15`.
    """

    kind: Kind
    name: str
    first_day: date
    last_day: date

    def starts_at(self, zone: ZoneInfo) -> datetime:
        """Its first instant in `zone`, aware UTC."""
        return first_instant(self.first_day, zone)

    def ends_at(self, zone: ZoneInfo) -> datetime:
        """The first instant after it in `zone`, aware UTC."""
        return first_instant(self.last_day + _DAY, zone)

    @property
    def previous(self) -> "Period | None":
        """The one before it, of the same kind; a campaign has none."""
        return None if self.kind is Kind.CAMPAIGN else _holding(self.kind, self.first_day - _DAY)

    @property
    def year_before(self) -> "Period | None":
        """The same week or month of the year before; of a year that is the previous one already."""
        try:
            match self.kind:
                case Kind.WEEK:
                    year, week, _ = self.first_day.isocalendar()
                    return of_week(Week(date.fromisocalendar(year - 1, week, 1)))
                case Kind.MONTH:
                    return _month(self.first_day.replace(year=self.first_day.year - 1))
                case _:
                    return None
        except ValueError:
            return None


def of_week(week: Week) -> Period:
    """An ISO week as a period."""
    return Period(kind=Kind.WEEK, name=str(week), first_day=week.monday, last_day=week.sunday)


def of_days(first: date, last: date) -> Period:
    """A campaign's days."""
    name = f"{first}--{last}"
    return Period(kind=Kind.CAMPAIGN, name=name, first_day=first, last_day=last)


def period_named(kind: Kind, name: str) -> Period:
    """The week, month or year of this name, of 2000 to 2999, or UnknownPeriod."""
    try:
        if kind is Kind.WEEK:
            return of_week(Week.parse(name))
        if kind is Kind.MONTH and (match := _MONTH.fullmatch(name.strip())):
            return _month(date(int(match[1]), int(match[2]), 1))
        if kind is Kind.YEAR and _YEAR.fullmatch(name.strip()):
            return _year(date(int(name), 1, 1))
    except (UnknownWeek, ValueError):
        pass
    raise UnknownPeriod(name)


def period_called(name: str) -> Period:
    """The week, month or year of this name, whose form tells which it is, or UnknownPeriod."""
    for kind in (Kind.WEEK, Kind.MONTH, Kind.YEAR):
        with suppress(UnknownPeriod):
            return period_named(kind, name)
    raise UnknownPeriod(name)


def last_complete(kind: Kind, now: datetime, zone: ZoneInfo) -> Period:
    """The latest week, month or year that is over in `zone` at the aware instant `now`."""
    return _holding(kind, running(kind, now, zone).first_day - _DAY)


def running(kind: Kind, now: datetime, zone: ZoneInfo) -> Period:
    """The week, month or year that `now`, an aware instant, lies in."""
    return _holding(kind, now.astimezone(zone).date())


def _holding(kind: Kind, day: date) -> Period:
    match kind:
        case Kind.MONTH:
            return _month(day)
        case Kind.YEAR:
            return _year(day)
        case _:
            return of_week(Week(day - timedelta(days=day.weekday())))


def _month(day: date) -> Period:
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - _DAY
    return Period(kind=Kind.MONTH, name=f"{first:%Y-%m}", first_day=first, last_day=last)


def _year(day: date) -> Period:
    first, last = date(day.year, 1, 1), date(day.year, 12, 31)
    return Period(kind=Kind.YEAR, name=f"{day.year:04d}", first_day=first, last_day=last)
