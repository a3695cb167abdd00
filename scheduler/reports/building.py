"""From facts to the dataset: pure, so that the same facts always make the same report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.core.catalogue import Catalogue, title_of
from scheduler.core.facts import Facts, TextFact
from scheduler.core.weeks import Week
from scheduler.reports.audience import audience_rows, unread_channels
from scheduler.reports.coverage import coverage_rows, failed_readings, oldest_readings
from scheduler.reports.dataset import FORMAT, Closing, Period, Row, Section, WeeklyDataset
from scheduler.reports.methods import methods_of
from scheduler.reports.output import output_rows
from scheduler.reports.ranking import Ranking, post_results
from scheduler.reports.responses import exposure_rows, response_rows
from scheduler.reports.slicing import Matrix, channel_names

SETTLED_AFTER = timedelta(hours=72)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a report is about besides its facts; `now` (aware UTC) is when it is built."""

    organisation: str
    week: Week
    zone: ZoneInfo
    catalogue: Catalogue
    now: datetime

    @property
    def starts_at(self) -> datetime:
        """The first instant of the week."""
        return self.week.starts_at(self.zone)

    @property
    def ends_at(self) -> datetime:
        """The first instant after the week."""
        return self.week.ends_at(self.zone)

    @property
    def closing(self) -> Closing:
        """A running week is a preview; the figures are final 72 h after the week, flash until then."""
        if self.now < self.ends_at:
            return Closing.PREVIEW
        return Closing.FINAL if self.now >= self.ends_at + SETTLED_AFTER else Closing.FLASH

    @property
    def cut_off_at(self) -> datetime:
        """The instant after which nothing was taken in when the books are kept on time."""
        settled_at = self.ends_at + SETTLED_AFTER
        return min(self.now, settled_at if self.closing is Closing.FINAL else self.ends_at)


def build(
    frame: Frame, matrix: Matrix, *, now: Facts, before: Facts, ranking: Ranking, texts: Sequence[TextFact]
) -> WeeklyDataset:
    """The dataset of a week from its facts, those of the week before, and the texts of the ranked posts."""
    catalogue = frame.catalogue
    platforms = sorted({channel.platform for channel in matrix.channels.values()})
    return WeeklyDataset(
        format=FORMAT,
        organisation=frame.organisation,
        scope="",
        period=_period(frame),
        previous_week=str(frame.week.previous),
        closing=frame.closing,
        cut_off_at=frame.cut_off_at,
        built_at=frame.now,
        platforms={platform: title_of(catalogue, platform) for platform in platforms},
        channels=channel_names(matrix),
        tables=_tables(matrix, catalogue, now, before),
        best=post_results(matrix, catalogue, ranking.best, texts),
        weakest=post_results(matrix, catalogue, ranking.weakest, texts),
        unread=unread_channels(matrix, catalogue, now),
        failures=failed_readings(matrix, now),
        oldest_readings=oldest_readings(matrix, now),
        methods=methods_of(matrix, catalogue),
    )


def _period(frame: Frame) -> Period:
    return Period(
        week=str(frame.week),
        first_day=frame.week.monday,
        last_day=frame.week.sunday,
        time_zone=frame.zone.key,
        starts_at=frame.starts_at,
        ends_at=frame.ends_at,
    )


def _tables(
    matrix: Matrix, catalogue: Catalogue, now: Facts, before: Facts
) -> dict[Section, tuple[Row, ...]]:
    return {
        Section.OUTPUT: output_rows(matrix, now, before),
        Section.EXPOSURE: exposure_rows(matrix, catalogue, now, before),
        Section.RESPONSES: response_rows(matrix, catalogue, now, before),
        Section.AUDIENCE: audience_rows(matrix, catalogue, now),
        Section.COVERAGE: coverage_rows(matrix, catalogue, now),
    }
