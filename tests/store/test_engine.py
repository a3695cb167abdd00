"""What a database must do here: fail loudly, lose nothing, keep instants."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, Executable, bindparam, insert, text, update
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Session

from scheduler.services.runtime import Runtime
from scheduler.store import engine
from scheduler.store.tables import Allowance, Campaign, Pause, Table
from tests.e2e.installation import wait_until
from tests.servers.postgres import Postgres

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SAID = {"name": "posts", "remaining": 0, "seen_at": NOON, "resets_at": NOON}


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


def test_transactions_one_after_the_other_keep_the_pages_of_one_connection(sqlite_tables: Path) -> None:
    with engine.using_database(f"sqlite:///{sqlite_tables}") as database:
        for one in [database.raw_connection() for _ in range(3)]:
            one.close()
        used = set()
        for _ in range(4):
            with database.begin() as connection:
                used.add(id(connection.connection.dbapi_connection))
        assert len(used) == 1


WRITINGS: Mapping[str, tuple[Executable, list[dict[str, object]]]] = {
    "a row": (insert(Allowance), [{"subject": "a", **SAID}]),
    "rows": (insert(Allowance), [{"subject": "a", **SAID}, {"subject": "b", **SAID}]),
    "changes": (
        update(Allowance).where(Allowance.subject == bindparam("whose")).values(remaining=1),
        [{"whose": "a"}, {"whose": "b"}],
    ),
}


def stand_still(database: Engine, what: str) -> None:
    """Until its own server has sent it away."""
    with database.begin() as frozen:
        served_by = frozen.scalar(text("select pg_backend_pid()"))
        frozen.execute(text("lock table allowance"))
        frozen.execute(*WRITINGS[what])
        with database.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
            gone = text("select not exists (select from pg_stat_activity where pid = :pid)")
            wait_until(lambda: bool(other.scalar(gone, {"pid": served_by})))
        frozen.execute(text("select 1"))


@pytest.mark.parametrize("what", WRITINGS)
def test_who_stands_still_within_a_transaction_locks_nobody_out(
    what: str, postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "STANDSTILL_S", 1)
    with engine.using_database(postgres_server.create_database(f"standstill-{what}")) as database:
        Table.metadata.create_all(database)
        with pytest.raises(DBAPIError):
            stand_still(database, what)
        with database.begin() as other:
            other.execute(text("lock table allowance nowait"))
