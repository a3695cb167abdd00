"""The sheets of a workbook about goals, what is worth a look and best hours; none where there is nothing."""

from scheduler.core.figures import exactly
from scheduler.core.goals import Moment
from scheduler.core.progress import Progress
from scheduler.core.wording import N_
from scheduler.reports.words import goal_words, hour_words, note_words
from scheduler.reports.words.wording import Words
from scheduler.reports.xlsx.sheets import Content
from scheduler.reports.xlsx.worksheets import Book

IN_NUMBERS = (
    *goal_words.COLUMNS[:5],
    N_("Likely at least"),
    N_("Likely at most"),
    N_("Frozen at mid-year"),
    N_("Frozen at year-end"),
)
"""A range and what was frozen are a text elsewhere; here each number has a column."""


def write_insights(book: Book) -> None:
    """One sheet for the goals, one for the notes, one for the hours."""
    if book.data.goals:
        _goals(book)
    if book.data.notes:
        _notes(book)
    if book.data.hours:
        _hours(book)


def _goals(book: Book) -> None:
    sheet, words = book.sheet(goal_words.TITLE), book.words
    first, *figures = words.all(IN_NUMBERS)
    sheet.header([first], figures=figures)
    for one in book.data.goals:
        name = goal_words.goal_name(one.aim, words, book.data.platforms)
        sheet.line([name, *_reached(one, words)], styles=[""] * 4 + ["share", "" if one.band else "missing"])
    sheet.finish(0, len(IN_NUMBERS))
    sheet.row += 1
    for note in goal_words.NOTES:
        sheet.note(words.say(note))


def _reached(one: Progress, words: Words) -> list[Content]:
    """One cell for each figure of IN_NUMBERS, empty where there is none."""
    share = one.way[0] / one.way[1] if one.way else None
    band = [one.band.low, one.band.high] if one.band else [goal_words.likely(one, words), None]
    frozen = {closed.moment: closed.value for closed in one.closed}
    return [exactly(one.target), one.plan, one.actual, share, *band, *map(frozen.get, Moment)]


def _notes(book: Book) -> None:
    sheet, words = book.sheet(note_words.TITLE), book.words
    sheet.header([words.say(note_words.TITLE)])
    for line in note_words.sentences(book.data.notes, words, book.data.platforms, book.data.period.time_zone):
        sheet.line([line], styles=["wrapped"])
    sheet.finish(0, 1)


def _hours(book: Book) -> None:
    sheet, words = book.sheet(hour_words.TITLE), book.words
    sheet.header([words.say(hour_words.TITLE)])
    for line in (*hour_words.report_lines(book.data.hours, words), words.say(hour_words.BASIS)):
        sheet.line([line], styles=["wrapped"])
    sheet.finish(0, 1)
