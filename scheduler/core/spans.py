"""The day, week, month and year of an instant in a zone, by the instants at which they begin and end."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.core.weeks import first_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `starts_at` to just before `ends_at` (aware UTC)."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an instant lies: its day, and the week, month and year around it."""

    day: Span
    around: tuple[Span, Span, Span]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The places of a zone; each day is worked out once."""

    zone: ZoneInfo
    _places: dict[date, Place] = field(default_factory=dict)

    def place(self, at: datetime) -> Place:
        """Where the aware instant `at` lies."""
        day = at.astimezone(self.zone).date()
        found = self._places.get(day)
        if found is None:
            found = self._places[day] = self._work_out(day)
        return found

    def _work_out(self, day: date) -> Place:
        monday = day - timedelta(days=day.weekday())
        first, january = day.replace(day=1), day.replace(month=1, day=1)
        return Place(
            day=self._span(day, day + timedelta(days=1)),
            around=(
                self._span(monday, monday + timedelta(days=7)),
                self._span(first, (first + timedelta(days=31)).replace(day=1)),
                self._span(january, january.replace(year=day.year + 1)),
            ),
        )

    def _span(self, first: date, after: date) -> Span:
        return Span(starts_at=first_instant(first, self.zone), ends_at=first_instant(after, self.zone))
