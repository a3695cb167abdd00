"""The sheet of manual readings, left out where there are none."""

from scheduler.core.wording import N_
from scheduler.reports.words import manual
from scheduler.reports.xlsx.sheets import Content
from scheduler.reports.xlsx.worksheets import Book

COLUMNS = (*manual.COLUMNS[:3], N_("First day"), N_("Last day"), *manual.COLUMNS[4:])
MORE = (N_("Title"), N_("Language"), N_("Region"), N_("Post"), N_("Corrected from"), N_("Entered"))


def write_manual(book: Book) -> None:
    """One row a reading, with its source and whoever entered it."""
    if not book.data.manual:
        return
    sheet, words = book.sheet(manual.TITLE), book.words
    sheet.header(words.all([*COLUMNS, *MORE]))
    for one in book.data.manual:
        main: list[Content] = [
            one.channel,
            words.say(manual.METRIC_NAMES.get(one.metric, one.metric)),
            one.value,
        ]
        main += [one.first_day, one.last_day, one.source, one.by]
        where: list[Content] = [one.title, words.language_name(one.language), words.region_name(one.region)]
        sheet.line([*main, *where, one.post, one.corrects, one.entered_at], styles=[""] * 5 + ["wrapped"])
    sheet.finish(0, len(COLUMNS) + len(MORE))
    sheet.row += 1
    sheet.note(words.say(manual.INTRODUCTION))
