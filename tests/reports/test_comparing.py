"""What a report compares where the books begin within a period: on paper, month by month.

The books begin on 15 September 2026 with bluesky-ar; mastodon-en is added on 10 October.

    likes read       September  October  November  December
    bluesky-ar             200      800       900      1000
    mastodon-en              -      500       600       550
"""

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.core.figures import Figure, Reason, absent
from scheduler.core.periods import Kind, period_named
from scheduler.reports.dataset import Dimension, Measured, ReachDataset, Section, ShortBooks
from scheduler.reports.words.comparison_words import sentences
from scheduler.reports.words.summary import lead
from scheduler.reports.words.wording import Words
from scheduler.services.reach.reporting import reach_report
from scheduler.services.runtime import Runtime
from scheduler.testing import FakeClock
from tests.reports.books import Books

BEGUN = datetime(2026, 9, 15, 12, tzinfo=UTC)
LIKES = {
    "bluesky": ("likeCount", (200, 800, 900, 1000), ("repostCount", "replyCount", "quoteCount")),
    "mastodon": (
        "favourites_count",
        (0, 500, 600, 550),
        ("reblogs_count", "replies_count", "quotes_count"),
    ),
}


@pytest.fixture
def books(runtime: Runtime) -> Books:
    books = Books(runtime, BEGUN)
    channels = {
        "bluesky": books.channel("bluesky", "ar", "EG"),
        "mastodon": books.channel("mastodon", "en", "GB", at=datetime(2026, 10, 10, 12, tzinfo=UTC)),
    }
    for platform, (counter, counts, others) in LIKES.items():
        for month, count in enumerate(counts, 9):
            if count:
                at = datetime(2026, month, 20, 12, tzinfo=UTC)
                post = books.post(f"{platform}-{month}", {"en": "x"})
                publication = books.publish(post, channels[platform], at=at)
                read = {counter: count, **dict.fromkeys(others, 0)}
                books.read(publication, read, at=at + timedelta(days=1))
    return books


def report(books: Books, month: str) -> ReachDataset:
    return reach_report(books.runtime, Kind.MONTH, period_named(Kind.MONTH, month)).dataset


def responses(data: ReachDataset, channel: str = "") -> Measured:
    split = Dimension.CHANNEL if channel else Dimension.TOTAL
    [row] = [row for row in data.rows(Section.RESPONSES, split) if row.key == channel]
    return row.measures["responses"]


def uncompared(measured: Measured) -> bool:
    figures = (measured.before, measured.change)
    return all(one is not None and one.reason is Reason.BASE_INCOMPLETE for one in figures)


def told(data: ReachDataset, language: str) -> str:
    words = Words(language)
    return " ".join([lead(data, words), *sentences(data, words)])


def test_a_month_is_compared_with_as_much_of_the_one_before_as_the_books_cover(
    books: Books, clock: FakeClock
) -> None:
    clock.set(datetime(2027, 1, 10, tzinfo=UTC))
    october, november, december = (report(books, f"2026-{month}") for month in (10, 11, 12))

    # Of September there is a half: not 1300 against 200, which would be +550 %.
    assert responses(october).now.value == 1300
    assert uncompared(responses(october))
    assert uncompared(october.total(Section.OUTPUT)["publications"])
    both = ("bluesky-ar", "mastodon-en")
    assert october.short == (ShortBooks(period="2026-09", channels=both, of=2, begun=BEGUN.date()),)
    assert "The books begin on Sep 15, 2026, within Sep 2026: nothing but followers" in told(october, "en")

    # Of October mastodon-en has a part: 900 against 800, and nothing of its 600 against 500.
    def some(value: int) -> Figure:
        return Figure(value=value, known=1, of=2)

    assert responses(november).now.value == 1500
    assert responses(november).before == some(800)
    assert responses(november).change == some(100)
    assert uncompared(responses(november, "mastodon-en"))
    assert november.total(Section.OUTPUT)["publications"].change == some(0)
    assert "drew 1,500 responses. " in told(november, "en")
    assert "over 1 of 2 channels" in told(november, "en")

    # The books cover all of November: 1550 against 1500 is 3.3 % more.
    assert responses(december).change == Figure(value=50, known=2, of=2)
    assert december.short == ()
    assert "drew 1,550 responses, 3.3% more than in Nov 2026." in told(december, "en")
    assert "共获互动量 1,550，比 2026年11月 增加 3.3%。" in told(december, "zh-CN")
    assert "بزيادة" in told(december, "ar")


def test_a_month_that_still_runs_is_not_called_worse_than_a_whole_one(books: Books, clock: FakeClock) -> None:
    clock.set(datetime(2026, 12, 22, tzinfo=UTC))
    running = report(books, "2026-12")
    assert responses(running).before == Figure(value=1500, known=2, of=2)
    assert responses(running).change == absent(Reason.NOT_OVER)
    assert "drew 1,550 responses. " in told(running, "en")
    assert "Dec 2026 is not over: nothing but followers, a level, is compared" in told(running, "en")
