"""ISO weeks in a zone: a week is from one Monday's first instant to the next, however long that takes."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from scheduler.core.time import Fold, Gap, Instant, read_wall_time

_NAME = re.compile(r"(2\d{3})-?W(\d{2})", re.IGNORECASE | re.ASCII)


class UnknownWeek(ValueError):
    """The text names no ISO week."""


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week by its first day, always a Monday."""

    monday: date

    @classmethod
    def parse(cls, name: str) -> Self:
        """The week called `2026-W47`, of 2000 to 2999, or UnknownWeek: not every year has a week 53."""
        match = _NAME.fullmatch(name.strip())
        if match is None:
            raise UnknownWeek(name)
        try:
            return cls(date.fromisocalendar(int(match[1]), int(match[2]), 1))
        except ValueError:
            raise UnknownWeek(name) from None

    @classmethod
    def of(cls, at: datetime, zone: ZoneInfo) -> Self:
        """The week in which the aware instant `at` falls in `zone`."""
        day = at.astimezone(zone).date()
        return cls(day - timedelta(days=day.weekday()))

    @property
    def previous(self) -> "Week":
        """The week before."""
        return Week(self.monday - timedelta(days=7))

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    def starts_at(self, zone: ZoneInfo) -> datetime:
        """Its first instant in `zone`, aware UTC."""
        return first_instant(self.monday, zone)

    def ends_at(self, zone: ZoneInfo) -> datetime:
        """The first instant after it in `zone`, aware UTC."""
        return first_instant(self.monday + timedelta(days=7), zone)

    def __str__(self) -> str:
        year, week, _ = self.monday.isocalendar()
        return f"{year:04d}-W{week:02d}"


def day_end(at: datetime, zone: ZoneInfo) -> datetime:
    """The first instant of a day in `zone` that is not before the aware instant `at`."""
    day = at.astimezone(zone).date()
    starts_at = first_instant(day, zone)
    return starts_at if starts_at >= at else first_instant(day + timedelta(days=1), zone)


def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """Midnight, the first of two midnights, or where midnight is skipped, the moment clocks jump."""
    match read_wall_time(datetime.combine(day, time()), zone):
        case Instant(at=at) | Fold(first=at):
            return at
        case Gap(after=after):
            return after.replace(tzinfo=zone).astimezone(UTC)
