"""The sheet of the countries of the audience, left out where no split was entered."""

from scheduler.core.countries import WHOLE, SplitMeasure
from scheduler.core.wording import N_
from scheduler.reports.dataset import ChannelCountries
from scheduler.reports.words import country_words
from scheduler.reports.xlsx.sheets import Content
from scheduler.reports.xlsx.worksheets import Book

COLUMNS = (
    N_("Channel"),
    N_("Platform"),
    N_("As of"),
    N_("Country"),
    N_("Code"),
    N_("Followers"),
    N_("Share"),
    N_("Source"),
    N_("Entered by"),
    N_("Entered"),
)


def write_countries(book: Book) -> None:
    """One row a country of a channel, then the sums by country."""
    if not book.data.splits:
        return
    sheet, words = book.sheet(country_words.SHEET), book.words
    sheet.header(words.all(COLUMNS))
    for split in book.data.splits:
        for country, amount in split.amounts.items():
            sheet.line(_line(book, split, country, amount), styles=[*[""] * 6, "share", "wrapped"])
    sheet.finish(0, len(COLUMNS))
    sheet.row += 1
    for note in (words.say(country_words.INTRODUCTION), *country_words.known(book.data, words)):
        sheet.note(note)
    if book.data.by_country:
        sheet.row += 1
        heads = words.all([*country_words.TOTAL_COLUMNS, N_("Splits")])
        sheet.line(heads, styles=["header"] + ["figures"] * 3)
        for row in book.data.by_country.rows:
            figure = row.measures["followers"].now
            sheet.line([words.slice_name(book.data, row), figure, figure.known, figure.of])
    sheet.fit()


def _line(book: Book, split: ChannelCountries, country: str, amount: int) -> list[Content]:
    counted = split.measure is SplitMeasure.FOLLOWERS
    figures: list[Content] = [amount, None] if counted else [None, amount / WHOLE]
    where: list[Content] = [split.channel, book.data.platforms[split.platform], split.as_of]
    return [
        *where,
        book.words.country_name(country),
        country,
        *figures,
        split.source,
        split.by,
        split.entered_at,
    ]
