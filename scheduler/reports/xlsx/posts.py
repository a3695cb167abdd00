"""The sheet of the posts with most and with fewest responses."""

from scheduler.core.wording import N_
from scheduler.reports.dataset import PostResult
from scheduler.reports.figures import settling
from scheduler.reports.words.wording import Words
from scheduler.reports.xlsx.sheets import Content
from scheduler.reports.xlsx.worksheets import Book


def write_posts(book: Book) -> None:
    """Each post with its text, its figures and how many of its readings are missing."""
    sheet, words = book.sheet(N_("Posts")), book.words
    named = words.all([N_("List"), N_("Rank"), N_("Post"), N_("Campaign"), N_("Channel"), N_("Language")])
    first = next(iter((*book.data.best, *book.data.weakest)), None)
    measures = list(first.measures) if first else []
    sheet.header(
        [
            *named,
            *words.all([N_("Text"), N_("Address"), N_("Published")]),
            *(words.measure(name) + settling.mark(book.data) for name in measures),
            *words.all([N_("Readings due"), N_("Readings missing")]),
        ]
    )
    for name, posts in ((N_("Most responses"), book.data.best), (N_("Fewest responses"), book.data.weakest)):
        for rank, post in enumerate(posts, start=1):
            sheet.line(_post(words, words.say(name), rank, post), styles=[""] * 6 + ["wrapped"])
    sheet.finish(0, 11 + len(measures))


def _post(words: Words, name: str, rank: int, post: PostResult) -> list[Content]:
    language = words.language_name(post.language)
    place: list[Content] = [name, rank, post.ref, post.campaign, post.channel, language]
    figures = [measured.now for measured in post.measures.values()]
    looks = [post.looks_due, post.looks_missed] if post.looks_due else []
    return [*place, post.text, post.url, post.publications, *figures, *looks]
