"""Which posts are shown as the best and the weakest."""

from dataclasses import replace
from datetime import datetime, timedelta

from connectors.registry import connectors
from scheduler.core.facts import Facts, PostFact, PublicationFact
from scheduler.reports.ranking import Ranking, rank
from scheduler.reports.slicing import matrix_of
from tests.reports.sample import ARABIC_CHANNEL, CHANNELS, END, RUSSIAN, START, sample_facts

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
