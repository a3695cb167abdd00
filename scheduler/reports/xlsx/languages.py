"""The sheet of languages side by side, left out where no post went out in several."""

from scheduler.core.side_by_side import LanguageShare, LanguageSide
from scheduler.core.wording import N_
from scheduler.reports.words import language_words
from scheduler.reports.words.wording import Words
from scheduler.reports.xlsx.sheets import Content
from scheduler.reports.xlsx.worksheets import Book

READ = 5
POST_COLUMNS = (
    *language_words.POST_COLUMNS[:READ],
    N_("Channels to read"),
    *language_words.POST_COLUMNS[READ:],
)


def write_languages(book: Book) -> None:
    """The languages compared, then the posts that brought most in each of theirs."""
    if not book.data.languages:
        return
    sheet, words = book.sheet(language_words.SHEET), book.words
    first, *figures = words.all(language_words.COLUMNS)
    sheet.header([first], figures=figures)
    for one in book.data.languages:
        styles = ["", "", "" if one.estimate else "missing"]
        sheet.line([words.language_name(one.language), one.posts, *_times(one, words)], styles=styles)
    sheet.finish(0, len(language_words.COLUMNS))
    sheet.row += 1
    sheet.note(language_words.basis(words))
    sheet.row += 1
    sheet.line(words.all(POST_COLUMNS), styles=["header"] * 3 + ["figures"] * 5)
    for post in book.data.in_languages:
        for side in post.sides:
            sheet.line([post.ref, words.language_name(side.language), *_figures(side)])
    sheet.fit()


def _times(one: LanguageShare, words: Words) -> list[Content]:
    known = one.estimate
    return [known.mean, known.low, known.high] if known else [words.say(language_words.TOO_FEW)]


def _figures(side: LanguageSide) -> list[Content]:
    read = side.responses
    return [", ".join(side.channels), read, read.known, read.of, side.followers, side.per_thousand]
