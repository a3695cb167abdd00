"""Which posts are shown as the best and the weakest."""

from dataclasses import replace
from datetime import datetime, timedelta

from connectors.registry import connectors
from scheduler.core.facts import Facts, PostFact, PublicationFact
from scheduler.reports.figures.ranking import Ranking, rank
from scheduler.reports.figures.slicing import matrix_of
from scheduler.reports.rendering import render
from scheduler.services.reach.reporting import weekly_report
from scheduler.services.runtime import Runtime
from scheduler.testing import FakeClock
from tests.reports.books import Books
from tests.reports.page import read_page
from tests.reports.sample import ARABIC_CHANNEL, CHANNELS, END, RUSSIAN, START, WEEK, sample_facts

MIDWEEK = START + timedelta(days=3)


def published(
    post: int, *, at: datetime = MIDWEEK, read_at: datetime | None = END, channel: int = ARABIC_CHANNEL
) -> PublicationFact:
    return PublicationFact(channel_id=channel, post_id=post, campaign="", published_at=at, read_at=read_at)


def ranked(publications: list[PublicationFact], likes: dict[int, int], *, now: datetime = END) -> Ranking:
    facts: Facts = replace(
        sample_facts(),
        publications=tuple(publications),
        posts=tuple(
            PostFact(post_id=post, channel_id=ARABIC_CHANNEL, metric="likeCount", increment=count)
            for post, count in likes.items()
        ),
    )
    catalogue = {name: connector.capabilities for name, connector in connectors().items()}
    return rank(matrix_of(CHANNELS), catalogue, facts, now=now)


def ids(ranking: Ranking) -> tuple[list[int], list[int]]:
    return [one.post_id for one in ranking.best], [one.post_id for one in ranking.weakest]


def test_the_better_half_is_best_and_the_rest_is_weak_weakest_first() -> None:
    posts = [published(post) for post in (1, 2, 3, 4)]
    assert ids(ranked(posts, {1: 5, 2: 40, 3: 7})) == ([2, 3], [4, 1])


def test_a_post_is_weak_only_when_it_had_its_chance_and_was_read_everywhere() -> None:
    posts = [
        published(1),
        published(2),
        published(3, at=END - timedelta(hours=23)),
        published(4, read_at=None),
        published(5),
        published(5, read_at=None),
    ]
    assert ids(ranked(posts, {1: 9, 2: 8, 3: 1, 5: 1})) == ([1, 2], [])


def test_in_a_week_that_still_runs_a_fresh_post_is_not_weak() -> None:
    posts = [published(1), published(2)]
    assert ids(ranked(posts, {1: 9}, now=MIDWEEK + timedelta(minutes=5))) == ([1], [])
    assert ids(ranked(posts, {1: 9}, now=MIDWEEK + timedelta(days=2))) == ([1], [2])


def test_a_post_that_drew_nothing_is_never_best() -> None:
    assert ids(ranked([published(1)], {})) == ([], [1])


def test_where_nothing_can_be_counted_nothing_is_ranked() -> None:
    assert ids(ranked([published(1, channel=RUSSIAN)], {})) == ([], [])


def test_what_was_not_read_of_a_ranked_post_is_a_gap_of_it_and_never_a_0(
    runtime: Runtime, clock: FakeClock
) -> None:
    books = Books(runtime, START - timedelta(days=60))
    read, unread = books.channel("bluesky", "ar", "EG"), books.channel("mastodon", "ar", "EG")
    out = START + timedelta(days=2)
    post = books.post("festival", {"ar": "x"})
    one, _ = books.publish(post, read, at=out), books.publish(post, unread, at=out)
    # Bluesky was read at 1 h and 1 d, and never said how often it was quoted; Mastodon not at all.
    for hours in (1, 24):
        values = {"likeCount": hours, "repostCount": 0, "replyCount": 0}
        books.read(one, values, at=out + timedelta(hours=hours))
    clock.set(END + timedelta(days=4))
    report = weekly_report(runtime, WEEK)
    [best] = report.dataset.best
    responses, reactions = best.measures["responses"].now, best.measures["reactions"].now
    assert (responses.value, responses.known, responses.of) == (24, 0, 2)
    assert (reactions.value, reactions.known, reactions.of) == (24, 1, 2)
    assert (best.looks_due, best.looks_missed) == (6, 4)
    assert "4 of 6 readings missing" in read_page(render(report, "html", "en")).text
    lines = render(report, "csv", "en").decode()
    assert "best,post,festival,looks_missed,4,reported,,readings" in lines
    assert "best,post,festival,responses,24,partial,,responses" in lines
