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
class Spans:
    """The day of an instant, and the week, month and year around it.

    `turned_at` is when the last of these three began.
    """

    day: Span
    around: tuple[Span, Span, Span]
    turned_at: datetime


@dataclass(slots=True)
class Calendar:
    """The spans of a zone; each day is worked out once, and found at once when asked for again."""

    zone: ZoneInfo
    _known: dict[date, Spans] = field(default_factory=dict)
    _last: Spans | None = None

    def spans(self, at: datetime) -> Spans:
        """Where the aware instant `at` lies."""
        last = self._last
        if last is not None and last.day.starts_at <= at < last.day.ends_at:
            return last
        day = at.astimezone(self.zone).date()
        found = self._known.get(day)
        if found is None:
            found = self._known[day] = self._work_out(day)
        self._last = found
        return found

    def _work_out(self, day: date) -> Spans:
        monday = day - timedelta(days=day.weekday())
        first, january = day.replace(day=1), day.replace(month=1, day=1)
        around = (
            self._span(monday, monday + timedelta(days=7)),
            self._span(first, (first + timedelta(days=31)).replace(day=1)),
            self._span(january, january.replace(year=day.year + 1)),
        )
        return Spans(
            day=self._span(day, day + timedelta(days=1)),
            around=around,
            turned_at=max(span.starts_at for span in around),
        )

    def _span(self, first: date, after: date) -> Span:
        return Span(starts_at=first_instant(first, self.zone), ends_at=first_instant(after, self.zone))
