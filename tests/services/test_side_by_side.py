"""A post's languages side by side: at one age, each with its own gaps."""

from datetime import timedelta

import pytest

from scheduler.core.figures import Reason
from scheduler.core.problems import Refused
from scheduler.services.runtime import Runtime
from scheduler.services.side_by_side import languages_of
from scheduler.store.tables import Delivery, Variant
from tests.conftest import START
from tests.reports.books import Books

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


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
        values = {"repostCount": 1, "replyCount": 0, "quoteCount": 0}
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
