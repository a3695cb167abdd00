"""The sheets of a workbook: one for each section, then gaps and methods."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from scheduler.core.wording import N_
from scheduler.reports.dataset import Dimension, ReachDataset, Row, Section
from scheduler.reports.figures import settling
from scheduler.reports.freezing import Comment
from scheduler.reports.pages.charts import MAIN_MEASURE, by_size
from scheduler.reports.words import comparison_words, country_words, labels
from scheduler.reports.words.wording import Words
from scheduler.reports.xlsx.sheets import Sheet

SPLITS = (
    Dimension.TOTAL,
    Dimension.PLATFORM,
    Dimension.LANGUAGE,
    Dimension.REGION,
    Dimension.CAMPAIGN,
    Dimension.MATRIX,
    Dimension.PLACE,
    Dimension.CHANNEL,
)
A4 = 9


class Column(NamedTuple):
    """A measure, and what of it stands here: the name of an attribute of `Measured`."""

    measure: str
    part: str

    @property
    def style(self) -> str:
        """Of its figures; by their own kind where it is empty."""
        return "change" if self.part.endswith("change") else ""


@dataclass(frozen=True, slots=True)
class RowRange:
    """Where the rows of one split stand: first and last (zero-based), and each measure's column."""

    sheet: str
    first: int
    last: int
    columns: dict[str, int]


@dataclass(slots=True)
class Book:
    """A workbook in one language."""

    book: Any
    styles: dict[str, Any]
    data: ReachDataset
    words: Words

    def sheet(self, name: str) -> Sheet:
        """A new sheet with this msgid as its name."""
        title = self.words.say(name)
        sheet = self.book.add_worksheet(title)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&R&P / &N")
        if self.words.direction == "rtl":
            sheet.right_to_left()
        return Sheet(title, sheet, self.styles, self.words, ZoneInfo(self.data.period.time_zone))


def write_section(book: Book, section: Section) -> dict[Dimension, RowRange]:
    """A section's sheet, and where its splits stand on it."""
    sheet, words = book.sheet(labels.SECTIONS[section]), book.words
    rows = {split: book.data.rows(section, split) for split in SPLITS}
    first = next((row for split in SPLITS for row in rows[split]), None)
    if section is Section.EXPOSURE or first is None:
        return _exposure(book, sheet)
    columns = _columns(first)
    sheet.header(words.all([N_("Split"), N_("Slice")]), figures=[_heading(book, one) for one in columns])
    names = {one.measure: position for position, one in enumerate(columns, start=2) if one.part == "now"}
    styles = ["", "", *(one.style for one in columns)]
    places = {}
    for split in SPLITS:
        start = sheet.row
        for row in by_size(rows[split], MAIN_MEASURE[section]):
            figures = [getattr(row.measures[one.measure], one.part) for one in columns]
            sheet.line([*_named(book, section, row), *figures], styles=styles)
        places[split] = RowRange(sheet.name, start, sheet.row - 1, names)
    sheet.finish(0, 2 + len(columns))
    return places


def _exposure(book: Book, sheet: Sheet) -> dict[Dimension, RowRange]:
    """Side by side: a row for each native figure, or for a platform's lack of one."""
    words = book.words
    sheet.header(words.all([N_("Platform"), N_("Native name"), N_("Exposure")]))
    for row in book.data.tables[Section.EXPOSURE]:
        for measure, measured in row.measures.items():
            native = "–" if measure == "exposure" and measured.now.value is None else measure
            sheet.line([words.slice_name(book.data, row), native, measured.now])
    sheet.finish(0, 3)
    return {}


def _columns(row: Row) -> list[Column]:
    """Each measure, followed by what it is compared with."""
    found = []
    for name, measured in row.measures.items():
        found.append(Column(name, "now"))
        if measured.before is not None:
            found += [Column(name, "before"), Column(name, "change")]
        if measured.year_before is not None:
            found += [Column(name, "year_before"), Column(name, "year_change")]
    return found


def _heading(book: Book, column: Column) -> str:
    label = book.words.measure(column.measure)
    if column.part in ("before", "year_before"):
        period = book.data.previous if column.part == "before" else book.data.year_before
        told = book.words.period(period) if period else book.words.say(N_("at the start"))
        return book.words.say(N_("{measure}, {period}"), measure=label, period=told)
    label += settling.mark(book.data)
    if column.part == "year_change":
        return book.words.say(N_("{measure}, change in a year"), measure=label)
    return label if column.part == "now" else book.words.say(N_("{measure}, change"), measure=label)


def _named(book: Book, section: Section, row: Row) -> tuple[str, str]:
    """The split of a row and its slice."""
    name = book.words.slice_name(book.data, row) + settling.row_mark(book.data, section, row)
    return book.words.say(labels.DIMENSIONS[row.dimension]), name


def write_gaps(book: Book) -> None:
    """What is missing and why: channels not read, readings that failed."""
    sheet, words, data = book.sheet(N_("Gaps")), book.words, book.data
    sheet.header(
        words.all(
            [N_("Channel"), N_("Platform"), N_("Subject"), N_("Reason"), N_("Readings"), N_("Last known")]
        )
    )
    for one in data.unread:
        platform = data.platforms[one.platform]
        reason = words.reason(one.reason)
        sheet.line([one.channel, platform, words.say(N_("followers")), reason, None, one.read_at])
    for gap in data.countries:
        subject, platform = words.say(country_words.SUBJECT), data.platforms[gap.platform]
        for channel in gap.channels or (None,):
            sheet.line([channel, platform, subject, words.reason(gap.reason)])
    for failure in data.failures:
        subject = words.say(N_("followers") if failure.of_audience else N_("publications"))
        platform = data.platforms[failure.platform]
        sheet.line([failure.channel, platform, subject, words.cause(failure.reason), failure.count])
    sheet.finish(0, 6)


def write_remarks(book: Book, comments: Sequence[Comment]) -> None:
    """What was written on the report, then what changed in closed reports since the last one."""
    if comments:
        sheet, words = book.sheet(N_("Commentary")), book.words
        sheet.header(words.all([N_("Section"), N_("Text"), N_("Author"), N_("Written"), N_("Edition")]))
        for one in comments:
            section = words.say(labels.COMMENTED[one.section])
            sheet.line([section, one.text, one.author, one.written_at, one.edition], styles=["", "wrapped"])
        sheet.finish(0, 5)
    if book.data.restatements:
        _restatements(book)


def _restatements(book: Book) -> None:
    sheet, words, data = book.sheet(N_("Restatements")), book.words, book.data
    named = [N_("Period"), N_("Section"), N_("Split"), N_("Slice"), N_("Figure")]
    sheet.header(words.all([*named, N_("Before"), N_("Now"), N_("Noticed")]))
    for one in data.restatements:
        place = [words.period(one.period), words.say(labels.SECTIONS[one.section])]
        where = [words.say(labels.DIMENSIONS[one.dimension]), words.slice_name(data, one)]
        sheet.line([*place, *where, words.measure(one.measure), one.old, one.new, one.noticed_at])
    sheet.finish(0, 8)


def write_methods(book: Book) -> None:
    """Every definition used, then the rules by which figures were put together."""
    sheet, words = book.sheet(N_("Methods")), book.words
    axes = [words.say(N_("over {axis}"), axis=words.say(label)) for label in labels.AXES.values()]
    named = words.all([N_("Platform"), N_("Native name"), N_("Counts as"), N_("Version"), N_("Day zone")])
    sheet.header([*named, *axes, *words.all([N_("Note of the connector"), N_("Sources")])])
    for method in book.data.methods:
        ways = [words.say(labels.ADDITIONS[method.additions[axis]]) for axis in labels.AXES]
        family = words.say(labels.FAMILIES[method.family])
        sources = "; ".join(
            f"{words.native_note(source.title)} ({source.read_on})" for source in method.sources
        )
        place = [book.data.platforms[method.platform], method.metric, family, method.version, method.day_zone]
        sheet.line(
            [*place, *ways, words.native_note(method.note), sources], styles=[""] * 9 + ["wrapped", "wrapped"]
        )
    sheet.finish(0, 11)
    sheet.keep_text(f"D2:D{sheet.row}")
    sheet.row += 1
    told = (*comparison_words.sentences(book.data, words), *settling.notes(book.data, words))
    for note in (*told, *words.all(labels.RULES)):
        sheet.note(note)
