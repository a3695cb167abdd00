"""The sheets of a workbook about goals, what is worth a look and best hours; none where there is nothing."""

from scheduler.core.figures import exactly
from scheduler.reports import goal_words, hour_words, note_words
from scheduler.reports.sheets import Content
from scheduler.reports.worksheets import Book


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
    first, *figures = words.all(goal_words.COLUMNS)
    sheet.header([first], figures=figures)
    for one in book.data.goals:
        name = goal_words.goal_name(one.aim, words, book.data.platforms)
        known: list[Content] = [name, exactly(one.target), one.plan, one.actual]
        told = [goal_words.way(one, words), goal_words.likely(one, words), goal_words.frozen(one, words)]
        sheet.line([*known, *told])
    sheet.finish(0, len(goal_words.COLUMNS))
    sheet.row += 1
    for note in goal_words.NOTES:
        sheet.line([words.say(note)])


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
