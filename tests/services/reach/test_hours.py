"""The best hours over real books: worked out by hand, at one age, and silent where there is too little."""

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from scheduler.core.periods import Kind
from scheduler.reports.freezing import thaw
from scheduler.reports.pages.html import render_html
from scheduler.reports.words import hour_words
from scheduler.reports.words.wording import Words
from scheduler.reports.xlsx.workbook import render_workbook
from scheduler.services.reach.hours import best_hours
from scheduler.services.reach.reporting import reach_report
from scheduler.services.runtime import Runtime
from scheduler.testing import FakeClock
from tests.conftest import START
from tests.reports.books import Books

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def books(runtime: Runtime) -> Books:
    return Books(runtime, START - 300 * DAY)


def publish(books: Books, channel: int, *, days: int, hour: int, likes: int, age: float = 24) -> None:
    """A publication that had these likes when it was a day old, and many more later."""
    at = START - days * DAY + (hour - 8) * HOUR  # START is at 08:00 UTC
    one = books.publish(books.post(f"{channel}-{days}-{hour}", {"ar": "x"}), channel, at=at)
    values = {"repostCount": 0, "replyCount": 0, "quoteCount": 0}
    books.read(one, {**values, "likeCount": likes // 2}, at=at + HOUR)
    books.read(one, {**values, "likeCount": likes}, at=at + age * HOUR)
    books.read(one, {**values, "likeCount": likes + 1000}, at=at + 60 * HOUR)


def test_the_hours_of_a_channel_are_told_with_their_figures(books: Books, runtime: Runtime) -> None:
    channel = books.channel("bluesky", "ar", "EG")
    for day in range(10):
        publish(books, channel, days=20 + day, hour=9, likes=40 + 2 * day)  # mean 49
        publish(books, channel, days=20 + day, hour=21, likes=10 + day)  # mean 14.5
    publish(books, channel, days=5, hour=9, likes=90_000, age=20)  # was not looked at when it was a day old
    publish(books, channel, days=190, hour=21, likes=90_000)  # over 26 weeks ago
    language, own = best_hours(runtime)
    assert (language.dimension, language.key, own.key, own.count) == ("language", "ar", "bluesky-ar", 20)
    assert (own.bands.best, own.bands.lesser, own.weekdays.thin) == (8, (20,), True)
    means = {slot.start: slot.estimate.mean for slot in own.bands.slots if slot.estimate}
    assert means == {8: 49.0, 20: 14.5}
    [hours, weekdays] = hour_words.sentences(own, Words("en"))
    assert hours.startswith("bluesky-ar, 08:00–12:00: 49.0 responses a publication (")
    assert hours.endswith("; 10 publications), more than 20:00–24:00.")
    assert "too few publications to compare weekdays" in weekdays


def test_overlapping_hours_and_thin_ones_say_so(books: Books, runtime: Runtime) -> None:
    alike, thin = books.channel("bluesky", "ar", "EG"), books.channel("mastodon", "sw", "KE")
    for day in range(8):
        publish(books, alike, days=20 + day, hour=9, likes=10 * day)
        publish(books, alike, days=20 + day, hour=21, likes=10 * (7 - day) + 1)
    books.publish(books.post("one", {"sw": "x"}), thin, at=START - 9 * DAY)
    [own] = best_hours(runtime, channel="bluesky-ar")
    assert (own.bands.best, own.bands.thin) == (None, False)
    [none] = best_hours(runtime, channel="mastodon-sw")
    assert (none.count, none.bands.thin, none.weekdays.thin) == (0, True, True)
    assert [one.key for one in best_hours(runtime, language="ar")] == ["ar"]
    [said] = hour_words.report_lines(best_hours(runtime), Words("en"))
    assert "2 show no difference between hours or weekdays, and 2 have too few publications" in said


def test_the_report_of_a_month_says_what_holds_and_no_more(
    books: Books, runtime: Runtime, clock: FakeClock
) -> None:
    channel = books.channel("bluesky", "ar", "EG")
    for day in range(10):
        publish(books, channel, days=20 + day, hour=9, likes=40 + 2 * day)
        publish(books, channel, days=20 + day, hour=21, likes=10 + day)
    clock.set(START + 20 * DAY)  # 6 December
    report = reach_report(runtime, Kind.MONTH)
    assert report.dataset.period.name == "2026-11"
    assert [one.key for one in report.dataset.hours] == ["ar", "bluesky-ar"]
    assert report.dataset.hours[1].bands.best == 8
    page = render_html(report, "en").decode()
    assert "bluesky-ar, 08:00–12:00: 49.0 responses a publication" in page
    assert "weekdays is shown" not in page
    told = load_workbook(io.BytesIO(render_workbook(report, "en")))["Best hours"]
    assert [row[0] for row in told.values][1:3] == hour_words.report_lines(report.dataset.hours, Words("en"))[
        :2
    ]
    assert thaw(report.text).dataset == report.dataset
