"""What a database must do here: fail loudly, lose nothing, keep instants."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Session

from scheduler.services.runtime import Runtime
from scheduler.store import engine
from scheduler.store.tables import Campaign, Pause
from tests.servers.postgres import Postgres


def campaign(created_at: datetime) -> Campaign:
    return Campaign(organisation_id=1, name="x", created_at=created_at)


def fail_after_writing(session: Session) -> None:
    session.add(campaign(datetime(2026, 11, 22, tzinfo=UTC)))
    session.flush()
    raise RuntimeError


def test_an_instant_comes_back_as_the_same_instant_in_utc(runtime: Runtime) -> None:
    there = datetime(2026, 11, 22, 17, 30, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    with runtime.begin() as session:
        row = campaign(there)
        session.add(row)
    with runtime.begin() as session:
        stored = session.get_one(Campaign, row.id).created_at
    assert stored == there
    assert stored.tzinfo is UTC


def test_an_instant_without_a_zone_is_refused(runtime: Runtime) -> None:
    with pytest.raises(StatementError, match="needs a zone"), runtime.begin() as session:
        session.add(campaign(datetime(2026, 11, 22)))  # noqa: DTZ001 - the input under test


def test_a_block_that_fails_leaves_nothing_behind(runtime: Runtime) -> None:
    with pytest.raises(RuntimeError), runtime.begin() as session:
        fail_after_writing(session)
    with runtime.begin() as session:
        assert session.query(Campaign).count() == 0


def test_text_no_database_can_hold_is_stored_as_far_as_it_can_be(runtime: Runtime) -> None:
    pause = Pause(
        organisation_id=1,
        scope="all",
        reason="NUL \0 and half \ud800",
        member_id=1,
        paused_at=runtime.clock.now(),
    )
    with runtime.begin() as session:
        session.add(pause)
    with runtime.begin() as session:
        assert session.get_one(Pause, pause.id).reason == "NUL \ufffd and half ?"


def stand_still(database: Engine) -> None:
    with database.begin() as frozen:
        frozen.execute(text("create table held (id int)"))
        time.sleep(2)
        frozen.execute(text("select 1"))


def test_who_stands_still_within_a_transaction_locks_nobody_out(
    postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "STANDSTILL_S", 1)
    with engine.using_database(postgres_server.create_database("standstill")) as database:
        with pytest.raises(DBAPIError):
            stand_still(database)
        with database.begin() as other:
            other.execute(text("create table held (id int)"))
