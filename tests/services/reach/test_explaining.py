"""Under the ranked posts of a report stands why, from the channel's own books, and it is frozen with them."""

from datetime import timedelta

import pytest

from scheduler.core.reasons import Format, Made
from scheduler.reports.freezing import thaw
from scheduler.reports.words import reason_words
from scheduler.reports.words.wording import Words
from scheduler.services.reach.reporting import weekly_report
from scheduler.services.runtime import Runtime
from scheduler.store.reach.made import made_in
from scheduler.store.reach.stretch import Stretch
from scheduler.store.tables import Asset, Post, Variant, VariantMedia
from scheduler.testing import FakeClock
from tests.conftest import START
from tests.reports.books import Books

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def books(runtime: Runtime) -> Books:
    return Books(runtime, START - 300 * DAY)


def publish(books: Books, channel: int, ref: str, *, days: int, likes: int, text: str = "x") -> int:
    """A publication of so many days ago that had these likes when it was a day old."""
    at, post = START - days * DAY, books.post(ref, {"ar": text})
    values = {"repostCount": 0, "replyCount": 0, "quoteCount": 0, "likeCount": likes}
    one = books.publish(post, channel, at=at)
    books.read(one, values, at=at + 24 * HOUR)
    return post


def test_a_report_says_why_a_post_did_well(books: Books, runtime: Runtime, clock: FakeClock) -> None:
    channel = books.channel("bluesky", "ar", "EG")
    for day in range(10):
        publish(books, channel, f"long-{day}", days=20 + day, likes=50 + day, text="x" * 150)
        publish(books, channel, f"short-{day}", days=40 + day, likes=5 + day)
    publish(books, channel, "good", days=4, likes=70, text="x" * 120)
    publish(books, channel, "bad", days=3, likes=2)
    clock.set(START + 4 * DAY)  # the report of the week before START, final
    report = weekly_report(runtime)
    [best], [weakest] = report.dataset.best, report.dataset.weakest
    assert best.why
    # The 21 others: 2, 5 to 14, 50 to 59; the eleventh is 14.
    assert (best.ref, best.why.responses, best.why.median, best.why.count) == ("good", 70, 14.0, 21)
    assert reason_words.sentences(best.why, Words("en")) == [
        "bluesky-ar: 70 responses at 24 hours; the median of its 21 others in 26 weeks is 14.",
        # 50 to 59 beside 5 to 14 and 2: 97 / 11.
        "101 to 280 characters: 54.5 on average (10 publications of the channel), 8.8 for its others (11).",
    ]
    assert weakest.why
    assert [claim.value for claim in weakest.why.claims] == ["0"]
    assert thaw(report.text).dataset == report.dataset


def test_how_a_post_was_made_is_read_from_what_was_delivered(books: Books, runtime: Runtime) -> None:
    channel = books.channel("bluesky", "ar", "EG")
    posts = [publish(books, channel, f"p{day}", days=2 + day, likes=1, text="مرحبا") for day in range(4)]
    with runtime.begin() as session:
        for post, kind in ((posts[1], "image/png"), (posts[2], "video/mp4")):
            asset = Asset(
                organisation_id=runtime.organisation_id,
                sha256=kind,
                mime_type=kind,
                size=1,
                width=1,
                height=1,
                path=kind,
                created_at=START,
            )
            variant = session.query(Variant).filter_by(post_id=post).one()
            variant.media.append(VariantMedia(position=0, asset=asset, alt=""))
        for post in posts[1:]:
            session.get_one(Post, post).link = "https://example.org"
    with runtime.begin() as session:
        org = runtime.organisation_id
        stretch = Stretch(organisation_id=org, starts_at=START - 30 * DAY, ends_at=START)
        found = made_in(session, stretch, [channel])[channel]
    kinds = (Format.TEXT, Format.IMAGE, Format.VIDEO, Format.LINK)
    assert found == {
        post: Made(language="ar", length=5, format=kind) for post, kind in zip(posts, kinds, strict=True)
    }
