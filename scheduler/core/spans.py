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
    """Where an instant lies: its day, and the week, month and year around it.

    `turned_at` is when the last of these three began.
    """

    day: Span
    around: tuple[Span, Span, Span]
    turned_at: datetime


@dataclass(slots=True)
class Calendar:
    """The places of a zone; each day is worked out once, and found at once when asked for again."""

    zone: ZoneInfo
    _places: dict[date, Place] = field(default_factory=dict)
    _last: Place | None = None

    def place(self, at: datetime) -> Place:
        """Where the aware instant `at` lies."""
        last = self._last
        if last is not None and last.day.starts_at <= at < last.day.ends_at:
            return last
        day = at.astimezone(self.zone).date()
        found = self._places.get(day)
        if found is None:
            found = self._places[day] = self._work_out(day)
        self._last = found
        return found

    def _work_out(self, day: date) -> Place:
        monday = day - timedelta(days=day.weekday())
        first, january = day.replace(day=1), day.replace(month=1, day=1)
        around = (
            self._span(monday, monday + timedelta(days=7)),
            self._span(first, (first + timedelta(days=31)).replace(day=1)),
            self._span(january, january.replace(year=day.year + 1)),
        )
        return Place(
            day=self._span(day, day + timedelta(days=1)),
            around=around,
            turned_at=max(span.starts_at for span in around),
        )

    def _span(self, first: date, after: date) -> Span:
        return Span(starts_at=first_instant(first, self.zone), ends_at=first_instant(after, self.zone))
