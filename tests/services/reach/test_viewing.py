"""What is told of the books while they are being written."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from connectors.capabilities import Family, MetricDefinition
from scheduler.reports.dataset import Section
from scheduler.services.reach.reporting import weekly_report
from scheduler.services.runtime import Runtime
from scheduler.store.metrics.rollups import forget
from scheduler.store.metrics.samples import Observation, ingest, start_run
from scheduler.store.tables import Channel
from tests.reports.books import Books
from tests.services.working import wait_until_somebody_waits

AT = datetime(2026, 11, 10, 8, tzinfo=UTC)
LIKES = MetricDefinition(name="likes", family=Family.REACTION, subject="publication")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_report_waits_for_a_harvest_that_writes_what_it_has_to_rebuild(runtime: Runtime) -> None:
    books = Books(runtime, AT)
    channel = books.channel("bluesky", "en", "GB")
    publication = books.publish(books.post("one", {"en": "one"}), channel, at=AT)
    with runtime.begin() as session:
        forget(session, Channel.id == channel)
    with ThreadPoolExecutor(1) as pool:
        with runtime.begin() as session:
            run = start_run(session, runtime.organisation_id, now=AT)
            ingest(session, run, [look(channel, publication)])
            report = pool.submit(weekly_report, runtime)
            wait_until_somebody_waits(runtime)
        told = report.result().dataset
    assert told.total(Section.COVERAGE)["read"].now.value == 1


def look(channel: int, publication: int) -> Observation:
    return Observation(
        channel_id=channel,
        publication_id=publication,
        taken_at=AT + timedelta(hours=1),
        status="read",
        definitions=[LIKES],
        values={"likes": 3},
        from_zero=True,
    )
