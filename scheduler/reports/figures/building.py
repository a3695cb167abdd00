"""From facts to the dataset: pure, so that the same facts always make the same report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.counters.manual import PLATFORM as MANUAL
from scheduler.core.catalogue import Catalogue, title_of
from scheduler.core.countries import CountrySplit
from scheduler.core.facts import LevelFact, TextFact
from scheduler.core.gaps import Gaps
from scheduler.core.hours import Hours
from scheduler.core.manual import ManualReading
from scheduler.core.notes import Note
from scheduler.core.periods import Period
from scheduler.core.progress import Progress
from scheduler.core.side_by_side import PostSides, compare_languages, most_answered
from scheduler.reports.dataset import (
    FORMAT,
    Closing,
    ReachDataset,
    ReportedPeriod,
    Restatement,
    Row,
    Section,
    ShortBooks,
)
from scheduler.reports.figures.audience import audience_rows, unread_channels
from scheduler.reports.figures.cells import cells_of
from scheduler.reports.figures.comparing import Compared, Times, still_running
from scheduler.reports.figures.countries import countries_of
from scheduler.reports.figures.coverage import coverage_rows, failed_readings, oldest_readings, short_books
from scheduler.reports.figures.methods import methods_of
from scheduler.reports.figures.output import output_rows
from scheduler.reports.figures.ranking import Basis, Ranking, post_results
from scheduler.reports.figures.reach import reach_rows
from scheduler.reports.figures.responses import exposure_rows, response_rows
from scheduler.reports.figures.settling import SETTLED_AFTER, unsettled
from scheduler.reports.figures.slicing import Matrix, channel_names
from scheduler.reports.words.manual import manual_figures, manual_methods


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a report is about besides its facts; `now` (aware UTC) is when it is built.

    `scope` is the campaign that it is about, empty for the whole matrix.
    """

    organisation: str
    period: Period
    zone: ZoneInfo
    catalogue: Catalogue
    now: datetime
    scope: str = ""

    @property
    def starts_at(self) -> datetime:
        """The first instant of the period."""
        return self.period.starts_at(self.zone)

    @property
    def ends_at(self) -> datetime:
        """The first instant after the period."""
        return self.period.ends_at(self.zone)

    @property
    def closing(self) -> Closing:
        """A running period is a preview; figures are final 72 h after the period, flash until then."""
        if self.now < self.ends_at:
            return Closing.PREVIEW
        return Closing.FINAL if self.now >= self.ends_at + SETTLED_AFTER else Closing.FLASH

    @property
    def cut_off_at(self) -> datetime:
        """The instant after which nothing was taken in when the books are kept on time."""
        settled_at = self.ends_at + SETTLED_AFTER
        return min(self.now, settled_at if self.closing is Closing.FINAL else self.ends_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that the books say for a report; `in_year` is how levels of a year before came to those of now.

    `gaps` are the looks due and missing of each ranked post, by its id; `posts` are in several languages;
    `splits` are the last ones of each channel by the period's end.
    """

    times: Times
    in_year: Sequence[LevelFact] | None
    ranking: Ranking
    texts: Sequence[TextFact]
    gaps: Mapping[int, Gaps] = field(default_factory=dict)
    restatements: Sequence[Restatement] = ()
    manual: Sequence[ManualReading] = ()
    splits: Sequence[CountrySplit] = ()
    goals: tuple[Progress, ...] = ()
    notes: tuple[Note, ...] = ()
    hours: tuple[Hours, ...] = ()
    posts: Sequence[PostSides] = ()


def build(frame: Frame, matrix: Matrix, findings: Findings) -> ReachDataset:
    """The dataset of a period from what the books say of it and of what it is compared with."""
    catalogue, facts = frame.catalogue, findings.times.now
    manual, methods = manual_figures(findings.manual), methods_of(matrix, catalogue)
    basis, present = _basis(frame, matrix, findings), matrix.platforms
    countries = countries_of(matrix, catalogue, facts, findings.splits, last_day=frame.period.last_day)
    entered = manual or any(one.platform == MANUAL for one in findings.splits)
    platforms = sorted(present | {MANUAL} if entered else present)
    return ReachDataset(
        format=FORMAT,
        organisation=frame.organisation,
        scope=frame.scope,
        period=_period(frame),
        previous=_name(frame.period.previous if findings.times.before else None),
        year_before=_name(frame.period.year_before if findings.times.year_before else None),
        closing=frame.closing,
        cut_off_at=frame.cut_off_at,
        built_at=frame.now,
        platforms={platform: title_of(catalogue, platform) for platform in platforms},
        channels=channel_names(matrix),
        tables=_tables(frame, matrix, findings),
        best=post_results(basis, findings.ranking.best),
        weakest=post_results(basis, findings.ranking.weakest),
        unread=unread_channels(matrix, catalogue, facts),
        failures=failed_readings(matrix, facts),
        oldest_readings=oldest_readings(matrix, facts),
        methods=(*methods, *manual_methods(manual)),
        restatements=tuple(findings.restatements),
        goals=findings.goals,
        notes=findings.notes,
        manual=manual,
        hours=findings.hours,
        languages=compare_languages(findings.posts),
        in_languages=most_answered(findings.posts),
        countries=countries.gaps,
        splits=countries.splits,
        by_country=countries.total,
        unsettled=unsettled(methods, ends_at=frame.ends_at, now=frame.now),
        short=_short(frame, matrix, findings.times),
    )


def _tables(frame: Frame, matrix: Matrix, findings: Findings) -> dict[Section, tuple[Row, ...]]:
    """The tables of figures; of a period that is not over, only followers, a level, show a change."""
    tables = tables_of(frame, matrix, findings.times, in_year=findings.in_year)
    if frame.closing is not Closing.PREVIEW:
        return tables
    return {
        section: rows if section is Section.AUDIENCE else tuple(map(still_running, rows))
        for section, rows in tables.items()
    }


def _short(frame: Frame, matrix: Matrix, times: Times) -> tuple[ShortBooks, ...]:
    earlier = ((frame.period.previous, times.before), (frame.period.year_before, times.year_before))
    found = (short_books(matrix, period, facts, frame.zone) for period, facts in earlier if period and facts)
    return tuple(one for one in found if one)


def _basis(frame: Frame, matrix: Matrix, findings: Findings) -> Basis:
    cells = cells_of(matrix, frame.catalogue, findings.times.now)
    return Basis(
        matrix=matrix,
        catalogue=frame.catalogue,
        given={(cell.channel_id, cell.campaign): cell.given for cell in cells},
        texts={(fact.post_id, fact.channel_id): fact for fact in findings.texts},
        gaps=findings.gaps,
    )


def _name(period: Period | None) -> str:
    return period.name if period else ""


def _period(frame: Frame) -> ReportedPeriod:
    return ReportedPeriod(
        kind=frame.period.kind,
        name=frame.period.name,
        first_day=frame.period.first_day,
        last_day=frame.period.last_day,
        time_zone=frame.zone.key,
        starts_at=frame.starts_at,
        ends_at=frame.ends_at,
    )


def tables_of(
    frame: Frame, matrix: Matrix, times: Times, *, in_year: Sequence[LevelFact] | None = None
) -> dict[Section, tuple[Row, ...]]:
    """The tables of figures; `in_year` as in Findings."""
    catalogue, period = frame.catalogue, frame.period
    cells = times.each(lambda facts: cells_of(matrix, catalogue, facts, compared=facts.compared))
    periods = Compared(now=period, before=period.previous, year_before=period.year_before)
    return {
        Section.OUTPUT: output_rows(matrix, times),
        Section.EXPOSURE: exposure_rows(matrix, catalogue, cells, periods),
        Section.REACH: reach_rows(matrix, times.now),
        Section.RESPONSES: response_rows(matrix, catalogue, cells, periods),
        Section.AUDIENCE: audience_rows(matrix, catalogue, times.now, in_year=in_year),
        Section.COVERAGE: coverage_rows(matrix, catalogue, times.now),
    }
