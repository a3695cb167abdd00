"""A post's languages side by side: at one age, each with its own gaps."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from scheduler.core.figures import Reason
from scheduler.core.problems import Refused
from scheduler.core.side_by_side import LEAST
from scheduler.reports.freezing import freeze, thaw
from scheduler.reports.rendering import render
from scheduler.services.reach.reporting import weekly_report
from scheduler.services.reach.side_by_side import languages_of
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Delivery, Variant
from scheduler.testing import FakeClock
from tests.conftest import START
from tests.reports.books import Books
from tests.reports.page import read_page

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOTHING_ELSE = {"repostCount": 0, "replyCount": 0, "quoteCount": 0}


def speak(runtime: Runtime, post: int, language: str) -> None:
    """Let the last delivery of the post be of this language."""
    with runtime.begin() as session:
        variant = session.query(Variant).filter_by(post_id=post, language=language).one()
        delivery = session.query(Delivery).filter_by(post_id=post).order_by(Delivery.id.desc()).first()
        assert delivery
        delivery.variant_id = variant.id


def test_each_language_has_its_channels_figures_and_gaps(runtime: Runtime) -> None:
    books = Books(runtime, START - 30 * DAY)
    arabic, toot = books.channel("bluesky", "ar", "EG"), books.channel("mastodon", "ar", "EG")
    russian, silent = books.channel("bluesky", "ru", "RU"), books.channel("telegram", "sw", "KE")
    post = books.post("festival", {"ar": "x", "ru": "y", "sw": "z"})
    likes = {arabic: 40, toot: None, russian: 9}
    for days, (channel, count) in zip((9, 8, 7), likes.items(), strict=True):
        at = START - days * DAY
        one = books.publish(post, channel, at=at)
        values = {**NOTHING_ELSE, "repostCount": 1}
        if count is not None:
            books.read(one, {**values, "likeCount": count}, at=at + 24 * HOUR)
            books.read(one, {**values, "likeCount": count + 500}, at=at + 5 * DAY)
        if channel == russian:
            speak(runtime, post, "ru")
    books.publish(post, silent, at=START - 6 * DAY)
    speak(runtime, post, "sw")
    for channel, followers in ((arabic, 2000), (toot, 700), (russian, 500)):
        books.follow(channel, at=START - HOUR, followers=followers)
    ar, ru, sw = languages_of(runtime, "festival")
    # On Bluesky likes 40, repost 1: 41 of 2,000 followers. Mastodon was not read at that age.
    assert (ar.language, ar.channels) == ("ar", ("bluesky-ar", "mastodon-ar"))
    assert (ar.responses.value, ar.responses.known, ar.responses.of) == (41, 1, 2)
    assert (ar.followers.value, ar.per_thousand) == (2700, 20.5)
    assert (ru.responses.value, ru.per_thousand) == (10, 20.0)
    assert (sw.responses.value, sw.responses.reason) == (None, Reason.NO_DEFINITION)
    assert (sw.followers.reason, sw.per_thousand) == (Reason.NOT_READ, None)


def test_a_post_that_is_not_out_is_refused(runtime: Runtime) -> None:
    with pytest.raises(Refused):
        languages_of(runtime, "nowhere")


def test_a_report_compares_languages_over_its_posts_and_says_nothing_of_too_few(
    runtime: Runtime, clock: FakeClock
) -> None:
    books = Books(runtime, START - 60 * DAY)
    arabic, russian = books.channel("bluesky", "ar", "EG"), books.channel("bluesky", "ru", "RU")
    silent = books.channel("telegram", "sw", "KE")
    monday = START - 7 * DAY
    for number in range(LEAST):
        post = books.post(f"post-{number}", {"ar": "x", "ru": "y", "sw": "z"})
        # Arabic 6 and Russian 1 of 1,000 followers each: 12/7 and 2/7 of their mean in every post.
        for language, channel, likes in (("ar", arabic, 12), ("ru", russian, 4), ("sw", silent, None)):
            one = books.publish(post, channel, at=monday + number * 12 * HOUR)
            speak(runtime, post, language)
            if likes is not None:
                read_at = monday + number * 12 * HOUR + 24 * HOUR
                books.read(one, {**NOTHING_ELSE, "likeCount": likes}, at=read_at)
    alone = books.publish(books.post("alone", {"ar": "x"}), arabic, at=monday)
    books.read(alone, {**NOTHING_ELSE, "likeCount": 900}, at=monday + 24 * HOUR)
    books.follow(arabic, at=START - 2 * DAY, followers=2000)
    books.follow(russian, at=START - 2 * DAY, followers=4000)
    clock.set(START + 4 * DAY)
    report = weekly_report(runtime)
    ar, ru, sw = report.dataset.languages
    assert [(one.language, one.posts) for one in (ar, ru, sw)] == [("ar", LEAST), ("ru", LEAST), ("sw", 0)]
    assert ar.estimate
    assert ru.estimate
    assert (round(ar.estimate.mean, 4), round(ru.estimate.mean, 4)) == (round(12 / 7, 4), round(2 / 7, 4))
    assert sw.estimate is None
    assert [one.ref for one in report.dataset.in_languages] == [f"post-{number}" for number in range(5)]
    page = read_page(render(report, "html", "en"))
    assert page.figures()["languages", "post_language", "post-0/ar", "responses_at_24h"] == "12"
    assert page.figures()["languages", "post_language", "post-0/sw", "responses_at_24h"] is None
    assert "too few posts" in page.text
    assert b"languages,post_language,post-0/ru,responses_at_24h,4,reported,,responses" in render(
        report, "csv", "en"
    )
    sheet = load_workbook(BytesIO(render(report, "xlsx", "en")))["Languages"]
    assert [cell.value for cell in sheet[2]][:2] == ["Arabic", LEAST]
    assert thaw(report.text).dataset == report.dataset
    thin = tuple(replace(one, posts=LEAST - 1, estimate=None) for one in (ar, ru))
    said = read_page(render(freeze(replace(report.dataset, languages=thin)), "html", "en")).text
    assert "7 of one language at most, 8 are needed" in said
