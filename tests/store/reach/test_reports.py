"""Frozen reports: the first stays, and none takes PostgreSQL long to press."""

import pytest
from sqlalchemy import text

from scheduler.services.runtime import Runtime
from scheduler.store.reach.reports import ReportKey, store_dataset
from scheduler.testing import FakeClock

PRESSED = text("SELECT pg_column_compression(dataset) FROM reach_report")
KNOWN = text("SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression'")


def store(runtime: Runtime, clock: FakeClock, dataset: str) -> str:
    key = ReportKey(organisation_id=runtime.organisation_id, period="2026-W46", scope="", closing="final")
    now = clock.now()
    with runtime.begin() as session:
        return store_dataset(session, key, dataset, digest="", cut_off_at=now, built_at=now)


def test_of_two_that_are_frozen_the_first_stays(runtime: Runtime, clock: FakeClock) -> None:
    assert store(runtime, clock, "one") == "one"
    assert store(runtime, clock, "two") == "one"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_long_one_is_pressed_by_the_quickest_that_postgresql_knows(
    runtime: Runtime, clock: FakeClock
) -> None:
    store(runtime, clock, "what was reached " * 10_000)
    with runtime.begin() as session:
        known = session.scalars(KNOWN).one()
        assert session.scalar(PRESSED) == ("lz4" if "lz4" in known else "pglz")
