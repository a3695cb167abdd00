"""What is worth a look, over real books: each kind found where it is, and nothing where history is thin."""

from datetime import timedelta

import pytest

from scheduler.core.notes import Note, Worth
from scheduler.reports.words.note_words import sentence
from scheduler.reports.words.wording import Words
from scheduler.services.reach.insight import alerts
from scheduler.services.runtime import Runtime
from scheduler.testing import FakeClock
from tests.conftest import START
from tests.reports.books import Books

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)


@pytest.fixture
def books(runtime: Runtime) -> Books:
    return Books(runtime, START - 200 * DAY)


def found(runtime: Runtime, worth: Worth) -> list[Note]:
    return [note for note in alerts(runtime) if note.worth is worth]


def test_a_channel_that_fell_silent_is_named_with_its_rhythm(books: Books, runtime: Runtime) -> None:
    quiet, busy = books.channel("telegram", "ru", "RU"), books.channel("telegram", "ar", "EG")
    new = books.channel("telegram", "sw", "KE")
    for day in range(20):
        books.publish(books.post(f"q{day}", {"ru": "x"}), quiet, at=START - (25 - day) * DAY)
        books.publish(books.post(f"b{day}", {"ar": "x"}), busy, at=START - (20 - day) * DAY)
    books.publish(books.post("n", {"sw": "x"}), new, at=START - 30 * DAY)
    [note] = found(runtime, Worth.SILENT)
    assert (note.channels, note.since) == (("telegram-ru",), START - 6 * DAY)
    assert note.figures == {"days": 6, "usual": 1, "gaps": 19}


def test_an_empty_plan_is_told_by_channel_or_for_a_whole_language(books: Books, runtime: Runtime) -> None:
    planned, empty = books.channel("telegram", "ru", "RU"), books.channel("mastodon", "ru", "RU")
    arabic = [books.channel(platform, "ar", "EG") for platform in ("telegram", "mastodon")]
    for day in range(12):
        for channel in (planned, empty, *arabic):
            books.publish(books.post(f"{channel}-{day}", {"ru": "x"}), channel, at=START - (12 - day) * DAY)
    books.deliver(books.post("next", {"ru": "x"}), planned, due_at=START + 2 * DAY, state="scheduled")
    books.deliver(books.post("off", {"ru": "x"}), empty, due_at=START + 2 * DAY, state="cancelled")
    told = {(note.language, note.platform): note for note in found(runtime, Worth.UNPLANNED)}
    assert {place: note.channels for place, note in told.items()} == {
        ("ar", ""): ("mastodon-ar", "telegram-ar"),
        ("ru", "mastodon"): ("mastodon-ru",),
    }
    assert told["ar", ""].figures == {"days": 7, "channels": 2}


def test_readings_that_stopped_are_told_with_what_the_platform_said(books: Books, runtime: Runtime) -> None:
    stopped, read = books.channel("bluesky", "ar", "EG"), books.channel("bluesky", "en", "GB")
    books.follow(stopped, at=START - 4 * DAY, followers=100)
    books.follow(stopped, at=START - DAY, status="failed")
    books.follow(read, at=START - DAY, followers=100)
    books.channel("wordpress", "fr", "FR")  # has no followers at all
    [note] = found(runtime, Worth.NOT_READ)
    assert (note.platform, note.channels, note.since) == ("bluesky", ("bluesky-ar",), START - 4 * DAY)
    assert note.figures == {"channels": 1, "of": 2}


def test_a_channel_never_read_is_told_after_a_day_in_plain_words(
    books: Books, runtime: Runtime, clock: FakeClock
) -> None:
    books.channel("bluesky", "ar", "EG", at=START)
    clock.advance(DAY)
    assert found(runtime, Worth.NOT_READ) == []
    clock.advance(timedelta(minutes=1))
    [note] = found(runtime, Worth.NOT_READ)
    told = sentence(note, Words("en"), {"bluesky": "Bluesky"}, "UTC")
    assert told == "Bluesky: the followers of 1 of 1 channels have never been read (bluesky-ar)."


def test_publications_that_should_have_been_read_are_counted(
    books: Books, runtime: Runtime, clock: FakeClock
) -> None:
    channel = books.channel("bluesky", "ar", "EG")
    books.publish(books.post("one", {"ar": "x"}), channel, at=START)  # to be read at once, in these books
    clock.set(START + DAY)
    assert found(runtime, Worth.OVERDUE) == []
    clock.advance(timedelta(minutes=1))
    [note] = found(runtime, Worth.OVERDUE)
    assert (note.platform, note.figures) == ("bluesky", {"publications": 1})


def test_a_counter_that_stands_still_is_told_only_where_it_always_moved(
    books: Books, runtime: Runtime
) -> None:
    channel = books.channel("bluesky", "ar", "EG")
    publication = books.publish(books.post("one", {"ar": "x"}), channel, at=START - 60 * DAY)
    for week in range(8):
        values = {"likeCount": 10 * min(week + 1, 7), "repostCount": 1, "replyCount": 0, "quoteCount": 0}
        books.read(publication, values, at=START - (8 - week) * WEEK + DAY)
    [note] = found(runtime, Worth.STANDS_STILL)
    assert (note.channels, note.measure, note.figures) == (
        ("bluesky-ar",),
        "likeCount",
        {"weeks": 7, "least": 10},
    )


def test_a_leap_of_followers_is_told_with_its_ordinary(books: Books, runtime: Runtime) -> None:
    leaping, steady = books.channel("bluesky", "ar", "EG"), books.channel("telegram", "ru", "RU")
    for week in range(11):
        at = START - (10 - week) * WEEK - DAY
        books.follow(steady, at=at, followers=1000 + 10 * week)
        books.follow(leaping, at=at, followers=1000 + 10 * week + (700 if week == 10 else 0))
    [note] = found(runtime, Worth.JUMPED)
    assert note.channels == ("bluesky-ar",)
    assert note.figures == {"brought": 710, "usual": 10, "spread": 2, "weeks": 9}
