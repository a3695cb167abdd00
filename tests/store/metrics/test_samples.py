"""Taking in readings: what becomes a sample, in which order, and by several processes at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from connectors.capabilities import Family, MetricDefinition
from scheduler.core.metrics import Mark, Stand
from scheduler.core.rollups import Standing
from scheduler.services.runtime import Runtime
from scheduler.store.metrics.samples import Look, Observation, ingest, looks_at, start_run
from scheduler.store.metrics.standings import marks_text, standings
from scheduler.store.tables import Publication
from tests.reports.books import Books

AT = datetime(2026, 11, 16, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIKES = MetricDefinition(name="likes", family=Family.REACTION, subject="publication")
SHARES = MetricDefinition(name="shares", family=Family.SHARE, subject="publication")


@pytest.fixture
def publication(runtime: Runtime) -> Publication:
    books = Books(runtime, AT - HOUR)
    post = books.post("one", {"en": "one"})
    publication_id = books.publish(post, books.channel("bluesky", "en", "GB"), at=AT - HOUR)
    with runtime.begin() as session:
        return session.get_one(Publication, publication_id)


def seen(publication: Publication, after: timedelta, **values: int) -> Observation:
    return Observation(
        channel_id=publication.channel_id,
        publication_id=publication.id,
        taken_at=AT + after,
        status="read",
        definitions=[LIKES, SHARES],
        values=values,
        missing={"shares": "hidden by its owner"},
        from_zero=True,
    )


def take_in(runtime: Runtime, *observations: Observation) -> int:
    with runtime.begin() as session:
        run = start_run(session, runtime.organisation_id, now=AT)
        return ingest(session, run, observations)


def looks(runtime: Runtime, publication: Publication) -> list[Look]:
    with runtime.begin() as session:
        return looks_at(session, publication.channel_id, publication.id)


def likes(runtime: Runtime, publication: Publication) -> list[tuple[int, int, int]]:
    moved = (look.moved.get("likes") for look in looks(runtime, publication))
    return [(one.value, one.increment, one.correction) for one in moved if one]


def test_looks_of_one_batch_build_on_each_other(runtime: Runtime, publication: Publication) -> None:
    batch = [seen(publication, hour * HOUR, likes=count) for hour, count in enumerate((2, 5, 4))]
    assert take_in(runtime, *batch) == 3
    assert likes(runtime, publication) == [(2, 2, 0), (5, 3, 0), (4, 0, -1)]


def test_the_high_water_mark_outlives_the_batch(runtime: Runtime, publication: Publication) -> None:
    for hour, count in enumerate((9, 3, 8, 11)):
        take_in(runtime, seen(publication, hour * HOUR, likes=count))
    assert likes(runtime, publication) == [(9, 9, 0), (3, 0, -6), (8, 0, 5), (11, 2, 1)]


def test_a_reading_older_than_the_newest_sample_makes_no_sample(
    runtime: Runtime, publication: Publication
) -> None:
    take_in(runtime, seen(publication, 2 * HOUR, likes=5))
    assert take_in(runtime, seen(publication, HOUR, likes=3)) == 0
    assert likes(runtime, publication) == [(5, 5, 0)]
    assert [look.form.status for look in looks(runtime, publication)] == ["late", "read"]


def test_what_was_asked_for_and_not_given_is_kept_with_its_reason(
    runtime: Runtime, publication: Publication
) -> None:
    take_in(runtime, seen(publication, HOUR, likes=0))
    take_in(runtime, seen(publication, 2 * HOUR))
    missing = [dict(look.form.missing) for look in looks(runtime, publication)]
    assert missing == [
        {"shares": "hidden by its owner"},
        {"likes": "not in the answer", "shares": "hidden by its owner"},
    ]


def test_processes_that_read_the_same_at_once_count_it_once(
    runtime: Runtime, publication: Publication
) -> None:
    looks = [seen(publication, minute * timedelta(minutes=1), likes=10) for minute in range(8)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda look: take_in(runtime, look), looks))
    assert sum(increment for _, increment, _ in likes(runtime, publication)) == 10


def test_looks_at_another_channel_wait_for_nobody(runtime: Runtime, publication: Publication) -> None:
    books = Books(runtime, AT - HOUR)
    other_id = books.publish(books.post("two", {"fr": "deux"}), books.channel("bluesky", "fr", "FR"), at=AT)
    with runtime.begin() as session:
        if session.get_bind().dialect.name == "sqlite":
            pytest.skip("has one writer")
        other = session.get_one(Publication, other_id)
    take_in(runtime, seen(publication, HOUR, likes=1), seen(other, HOUR, likes=1))
    with ThreadPoolExecutor(1) as pool, runtime.begin() as session:
        run = start_run(session, runtime.organisation_id, now=AT)
        ingest(session, run, [seen(publication, 2 * HOUR, likes=2)])
        assert pool.submit(take_in, runtime, seen(other, 2 * HOUR, likes=5)).result(30) == 1


@pytest.mark.parametrize("views", [2**40, Mark(3, 5, 9, "2")])
def test_counters_of_any_name_stand_as_they_were_stored(views: Stand) -> None:
    marks = {"": 0, '100 %d "观看" \\': 7, "views": views}
    stored = marks_text(Standing(marks=marks))
    assert [one.marks for one in standings([(None, None, False, stored)])] == [marks]
