"""What looks add to the roll-ups: pure sums, so that arriving looks and a rebuild come to the same.

Of each subject looks are taken in forwards in time. A look that is not newer than the newest one taken in is
late: it is kept as evidence and changes no figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from scheduler.core.metrics import Movement, Stand, move
from scheduler.core.spans import Calendar, Span

CARRIED_AFTER = timedelta(days=1)
READ, LATE, GONE, FAILED = "read", "late", "gone", "failed"
COUNTED = frozenset((READ, GONE))


class Form(NamedTuple):
    """What looks have in common: how they ended, the (metric, version) of each slot, why one is missing."""

    status: str
    reason: str
    of_audience: bool
    metrics: tuple[tuple[str, str], ...]
    missing: tuple[tuple[str, str], ...]


class Subject(NamedTuple):
    """What is looked at: a publication, or a channel's audience when `publication_id` is None.

    `campaign_id` is 0 for none. `published_at` is None where nobody knows it, and of an audience.
    """

    channel_id: int
    publication_id: int | None
    campaign_id: int
    published_at: datetime | None
    calendar: Calendar


@dataclass(slots=True, kw_only=True)
class Standing:
    """What is known of a subject: its last successful look, its last that did not fail, and its counters."""

    read_at: datetime | None = None
    seen_at: datetime | None = None
    gone: bool = False
    marks: dict[str, Stand] = field(default_factory=dict)

    def is_late(self, at: datetime) -> bool:
        """True when a look at `at` comes too late to be taken in."""
        return self.seen_at is not None and at <= self.seen_at

    def was_read(self, since: datetime) -> bool:
        """True when the last successful look was then or later."""
        return self.read_at is not None and self.read_at >= since

    def copy(self) -> "Standing":
        """As it is now."""
        return Standing(read_at=self.read_at, seen_at=self.seen_at, gone=self.gone, marks=dict(self.marks))


DayKey: TypeAlias = tuple[datetime, int, int, int, int]
"""The first instant of a day, channel, campaign, form, and `carried`: a bit for each of week, month, year."""


class CorrectionKey(NamedTuple):
    """What corrections and baselines are summed by."""

    day_at: datetime
    channel_id: int
    campaign_id: int
    metric: str
    definition: str


@dataclass(slots=True)
class Sums:
    """How many looks there were, and the increments by slot; a slot is missing where nothing moved."""

    looks: int = 0
    increments: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rollup:
    """What looks add up to, to be added to the books.

    `closings` holds how a publication stood when a span ended in which it had gone live, `audiences` how a
    channel's audience stood at the end of each day it was looked at.
    """

    days: dict[DayKey, Sums] = field(default_factory=dict)
    corrections: dict[CorrectionKey, list[int]] = field(default_factory=dict)
    closings: dict[tuple[int, datetime], Standing] = field(default_factory=dict)
    audiences: dict[tuple[int, datetime], Standing] = field(default_factory=dict)

    def take_in(
        self,
        subject: Subject,
        standing: Standing,
        form: Form,
        *,
        form_id: int,
        taken_at: datetime,
        movements: Mapping[int, Movement],
    ) -> None:
        """Add a look and move `standing` on."""
        channel_id, publication_id, campaign_id, published_at, calendar = subject
        status, spans = form.status, calendar.spans(taken_at)
        day_at, carried = spans.day.starts_at, 0
        if status == READ and publication_id is not None and not standing.was_read(spans.turned_at):
            carried = carried_into(published_at, standing.read_at, spans.around)
            self._close(subject, standing, taken_at)
        key = (day_at, channel_id, campaign_id, form_id, carried)
        sums = self.days.get(key)
        if sums is None:
            sums = self.days[key] = Sums()
        sums.looks += 1
        recount(standing, form, taken_at, movements)
        increments = sums.increments
        for slot, (_, increment, correction, baseline) in movements.items():
            increments[slot] = increments.get(slot, 0) + increment
            if correction or baseline:
                self._correct(subject, day_at, form.metrics[slot], movements[slot])
        if publication_id is None and status in COUNTED:
            self.audiences[channel_id, day_at] = standing.copy()

    def _close(self, subject: Subject, standing: Standing, taken_at: datetime) -> None:
        """Before a look beyond the end of a span: how the publication stood at that end."""
        if subject.published_at is None or standing.read_at is None or subject.publication_id is None:
            return
        for span in subject.calendar.spans(subject.published_at).around:
            if standing.read_at < span.ends_at <= taken_at:
                self.closings[subject.publication_id, span.ends_at] = standing.copy()

    def _correct(
        self, subject: Subject, day_at: datetime, metric: tuple[str, str], movement: Movement
    ) -> None:
        key = CorrectionKey(day_at, subject.channel_id, subject.campaign_id, *metric)
        sums = self.corrections.setdefault(key, [0, 0])
        sums[0] += movement.correction
        sums[1] += movement.baseline


def recount(standing: Standing, form: Form, taken_at: datetime, movements: Mapping[int, Movement]) -> None:
    """Move `standing` on by a look; one that was late or failed leaves it as it is."""
    status, _, _, metrics, _ = form
    if status not in COUNTED:
        return
    standing.seen_at, standing.gone = taken_at, status == GONE
    if status == READ:
        standing.read_at = taken_at
    marks = standing.marks
    for slot, movement in movements.items():
        metric, version = metrics[slot]
        marks[metric] = move(version, marks.get(metric), movement)


def span_bit(starts_at: datetime, ends_at: datetime) -> int:
    """The bit of `carried` that is right for a stretch: that of the week, of the month, or of the year.

    For a stretch that is none of these it is the bit of the next shorter one.
    """
    length = ends_at - starts_at
    return 4 if length > timedelta(days=300) else 2 if length > timedelta(days=27) else 1


def carried_into(
    published_at: datetime | None, read_at: datetime | None, around: tuple[Span, Span, Span]
) -> int:
    """The bits of the spans into which a look carries what may be older; `read_at` is the look before.

    It does when it is the first for over a day before the span's start of a publication that is older too.
    """
    if published_at is None:
        return 0
    since = published_at if read_at is None else max(published_at, read_at)
    return sum(1 << bit for bit, span in enumerate(around) if since < span.starts_at - CARRIED_AFTER)
