"""The report as a workbook: a sheet for each section, typed cells, native charts, no formula anywhere."""

from collections.abc import Mapping, Sequence
from io import BytesIO

import xlsxwriter

from scheduler.core.wording import N_
from scheduler.reports.dataset import Dimension, ReachDataset, Section
from scheduler.reports.figures import settling
from scheduler.reports.freezing import FrozenReport
from scheduler.reports.words import comparison_words, labels
from scheduler.reports.words.summary import KEY_FIGURES, PARTIAL, drawn, is_starred, lead, title
from scheduler.reports.words.wording import Words
from scheduler.reports.xlsx.countries import write_countries
from scheduler.reports.xlsx.insights import write_insights
from scheduler.reports.xlsx.languages import write_languages
from scheduler.reports.xlsx.manual import write_manual
from scheduler.reports.xlsx.posts import write_posts
from scheduler.reports.xlsx.sheets import Sheet, styles_of
from scheduler.reports.xlsx.worksheets import (
    Book,
    RowRange,
    write_gaps,
    write_methods,
    write_remarks,
    write_section,
)

SAFE = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}
COLOURS = {"reactions": "#2B5F8A", "comments": "#C58413", "shares": "#5B8C59", "followers": "#2B5F8A"}
RESPONSE_CHART = ("reactions", "comments", "shares")
AUDIENCE_CHART = ("followers",)
CHART_SIZE = {"width": 560, "height": 380}


def render_workbook(report: FrozenReport, language: str) -> bytes:
    """An XLSX file; the same dataset gives the same bytes."""
    content, data, words = BytesIO(), report.dataset, Words(language)
    with xlsxwriter.Workbook(content, SAFE) as book:
        book.set_properties(
            {
                "title": f"{title(data, words)} {words.period(data.period.name)}",
                "created": data.built_at.replace(tzinfo=None),
            }
        )
        styles = {name: book.add_format(style) for name, style in styles_of(words.direction).items()}
        _write(Book(book, styles, data, words), report)
    return content.getvalue()


def _write(book: Book, report: FrozenReport) -> None:
    front = book.sheet(N_("Summary"))
    places = {section: write_section(book, section) for section in Section if section in book.data.tables}
    write_posts(book)
    write_languages(book)
    write_countries(book)
    write_manual(book)
    write_insights(book)
    write_gaps(book)
    write_remarks(book, report.comments)
    write_methods(book)
    _front(book, front, report)
    below = max(23, front.row + 2)
    responses, followers = places[Section.RESPONSES], places[Section.AUDIENCE]
    _chart(book, front, responses, Dimension.PLATFORM, RESPONSE_CHART, at=f"A{below}")
    _chart(book, front, followers, Dimension.LANGUAGE, AUDIENCE_CHART, at=f"E{below}")


def _front(book: Book, front: Sheet, report: FrozenReport) -> None:
    data, words = book.data, book.words
    front.line([title(data, words)], styles=["title"])
    front.sheet.merge_range(1, 0, 1, 7, lead(data, words), book.styles["lead"])
    front.sheet.set_row(1, 40)
    front.row = 3
    front.line([words.say(N_("Organisation")), data.organisation])
    days = words.days(data.period.first_day, data.period.last_day)
    front.line([words.say(N_("Period")), words.period(data.period.name), days])
    closing = words.say(labels.CLOSING_NOTES[data.closing])
    front.line([words.say(N_("Closing")), words.say(labels.CLOSINGS[data.closing]), closing])
    front.line([words.say(N_("Cut-off")), data.cut_off_at, data.period.time_zone])
    front.line([words.say(N_("Built")), data.built_at, data.period.time_zone])
    front.line([words.say(N_("SHA-256")), report.sha256])
    front.line([words.say(N_("Edition")), report.edition], styles=["", "edition"])
    front.row += 1
    _key_figures(book, front)
    for note in _notes(data, words):
        front.line([note], styles=["note"])
    front.sheet.set_column(0, 0, 26)
    front.sheet.set_column(1, 7, 18)
    front.sheet.hide_gridlines(2)


def _notes(data: ReachDataset, words: Words) -> list[str]:
    """What the marks at the key figures mean; none where nothing is marked."""
    starred = [words.say(PARTIAL)] if is_starred(data) else []
    return [*starred, *comparison_words.sentences(data, words), *settling.notes(data, words)]


def _key_figures(book: Book, front: Sheet) -> None:
    words, data = book.words, book.data
    name, change = words.all([N_("Figure"), N_("Change")])
    before = words.period(data.previous) or words.say(N_("at the start"))
    headings = [name, comparison_words.heading(data, words), before, change]
    in_year = [words.period(data.year_before), words.say(N_("Change"))] if data.year_before else []
    front.line([*headings, *in_year], styles=["header"] + ["figures"] * 5)
    for section, measure in KEY_FIGURES:
        figure = data.total(section)[measure]
        front.line(
            [
                words.measure(measure) + settling.total_mark(data, section),
                figure.now,
                figure.before,
                figure.change,
                figure.year_before,
                figure.year_change,
            ],
            styles=["", "", "", "change", "", "change"],
        )


def _chart(
    book: Book,
    front: Sheet,
    places: Mapping[Dimension, RowRange],
    split: Dimension,
    measures: Sequence[str],
    *,
    at: str,
) -> None:
    """Stacked bars from the figures on a section's sheet; a cell without a number draws nothing."""
    rows = places[split]
    if rows.last < rows.first:
        return
    chart = book.book.add_chart({"type": "bar", "subtype": "stacked"})
    for measure in measures:
        column = rows.columns[measure]
        chart.add_series(
            {
                "name": [rows.sheet, 0, column],
                "categories": [rows.sheet, rows.first, 1, rows.last, 1],
                "values": [rows.sheet, rows.first, column, rows.last, column],
                "fill": {"color": COLOURS[measure]},
                "gap": 60,
            }
        )
    head = drawn(book.data, book.words, "responses" if len(measures) > 1 else measures[0], split)
    chart.set_title({"name": head, "name_font": {"size": 12}, "overlay": False})
    chart.set_y_axis({"reverse": True, "crossing": "max", "line": {"none": True}})
    chart.set_x_axis(
        {
            "num_format": "#,##0",
            "major_gridlines": {"visible": True, "line": {"color": "#E4DFD3"}},
            "reverse": book.words.direction == "rtl",
        }
    )
    chart.set_legend({"position": "bottom"} if len(measures) > 1 else {"none": True})
    chart.set_size(CHART_SIZE)
    front.sheet.insert_chart(at, chart, {"description": head})
