"""The migrations and the tables say the same."""

import shutil
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, inspect, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from config.settings import Settings
from connectors.sandbox import SandboxServer
from scheduler.core.verifying import TWIN
from scheduler.services.desk.attention import attention
from scheduler.services.runtime import Runtime
from scheduler.store import migrations
from scheduler.store.engine import using_database
from scheduler.store.migrations import upgrading
from scheduler.store.migrations.upgrading import BrokenReferences
from scheduler.store.tables import Member, Organisation, Publication, Reading, Table
from scheduler.testing import add_delivery
from tests.servers.postgres import Postgres
from tests.services.working import WAITING, connect_face, state_of, work


def test_migrations_lead_to_exactly_the_tables(settings: Settings) -> None:
    with using_database(settings.database) as engine:
        assert not migrations.is_current(engine)
        migrations.upgrade(engine)
        migrations.upgrade(engine)
        assert migrations.is_current(engine)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection)
            assert compare_metadata(context, Table.metadata) == []


def downgrade(engine: Engine, revision: str) -> None:
    """Take the tables back to an earlier version, as Alembic does."""
    with engine.begin() as connection:
        command.downgrade(config(connection), revision)


def config(connection: Connection) -> Config:
    made = Config()
    made.set_main_option("script_location", str(migrations.FOLDER))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def first_tables(engine: Engine, *, member_of: int) -> None:
    """A database of the first version, with a centre and a member of one."""
    with engine.begin() as connection:
        command.upgrade(config(connection), "0001")
        connection.exec_driver_sql(
            "INSERT INTO organisation VALUES (1, 'c', 'Centre', 'UTC', 0, '2026-11-16 08:00:00')"
        )
    with engine.connect() as connection:
        connection.detach()
        connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql(
            "INSERT INTO member VALUES (1, ?, 'Lin', 'editor', '2026-11-16 08:00:00')", (member_of,)
        )
        connection.commit()


def test_of_two_who_bring_it_up_to_date_at_once_the_second_finds_it_done(postgres_server: Postgres) -> None:
    url = postgres_server.create_database("brought_up_twice")
    with using_database(url) as first, using_database(url) as second, ThreadPoolExecutor() as pool:
        with upgrading.changing(first) as connection:
            later = pool.submit(migrations.upgrade, second)
            blocked(first, later)
            command.upgrade(config(connection), "head")
        later.result(timeout=30)
        assert migrations.is_current(first)
    postgres_server.drop_database("brought_up_twice")


def blocked(engine: Engine, later: Future[None]) -> None:
    """Wait until somebody waits for a lock."""
    for _ in range(300):
        with engine.connect() as connection:
            if connection.scalar(WAITING):
                return
        assert not later.done()
        time.sleep(0.05)
    pytest.fail("nobody waits")


def test_a_database_of_the_first_version_keeps_what_refers_to_what(tmp_path: Path) -> None:
    with using_database(f"sqlite:///{tmp_path / 'old.db'}") as engine:
        first_tables(engine, member_of=1)
        migrations.upgrade(engine)
        with Session(engine) as session:
            assert session.scalars(select(Member.name).join(Organisation)).all() == ["Lin"]
            session.add(Member(organisation_id=2, name="Ana", role="editor", created_at=datetime.now(UTC)))
            with pytest.raises(IntegrityError):
                session.flush()


def test_a_database_that_refers_to_nothing_stays_as_it_is(tmp_path: Path) -> None:
    with using_database(f"sqlite:///{tmp_path / 'old.db'}") as engine:
        first_tables(engine, member_of=7)
        with pytest.raises(BrokenReferences, match="1 rows refer to nothing, the first in member"):
            migrations.upgrade(engine)
        assert inspect(engine).get_columns("organisation")[-1]["name"] == "created_at"


def test_old_proofs_that_collide_are_given_to_a_person(
    runtime: Runtime, settings: Settings, sandbox: SandboxServer
) -> None:
    channel = connect_face(runtime, sandbox, "mastodon")
    made = [add_delivery(runtime, channel, f"text {number}") for number in range(3)]
    work(runtime)
    with using_database(settings.database) as engine:
        downgrade(engine, "0005")
        with runtime.begin() as session:
            known = select(Publication.id, Publication.remote_id).order_by(Publication.id)
            (_, same), _, (last, _) = session.execute(known).all()
            session.execute(update(Publication).where(Publication.id == last).values(remote_id=same))
        migrations.upgrade(engine)
    with runtime.begin() as session:
        kept, other, twin = session.scalars(select(Publication).order_by(Publication.id)).all()
        assert (kept.remote_id, twin.remote_id, bool(twin.url)) == (same, "", True)
        assert other.remote_id not in ("", same)
        assert (twin.harvest_at, twin.verify_at) == (None, None)
        third = twin.delivery_id
    (cause,) = attention(runtime)
    assert (cause.reason, cause.deliveries, cause.remedy) == (TWIN, (third,), "compare")
    assert {state_of(runtime, one) for one in made} == {"published"}


def test_the_instants_of_old_looks_are_kept_to_the_microsecond(tmp_path: Path, sqlite_tables: Path) -> None:
    instants = [
        datetime(2026, 10, 25, 0, 59, 59, 999_999, UTC),
        datetime(1999, 12, 31, 23, 59, 59, 1, UTC),
        datetime(2026, 11, 16, 8, tzinfo=UTC),
    ]
    stored = text("SELECT taken_at, channel_id, publication_id, run_id, form_id, moved FROM reading")
    read = select(Reading.taken_at, Reading.channel_id, Reading.publication_id, Reading.moved)
    shutil.copyfile(sqlite_tables, tmp_path / "postroad.db")
    with using_database(f"sqlite:///{tmp_path}/postroad.db") as engine:
        downgrade(engine, "0014")
        rows = [(f"{at:%Y-%m-%d %H:%M:%S.%f}", 1, n or None, 7, 3, b"\0\1") for n, at in enumerate(instants)]
        with engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO reading VALUES (?, ?, ?, ?, ?, ?)", rows)
        migrations.upgrade(engine)
        with engine.begin() as connection:
            converted = connection.execute(read).all()
            assert converted == [(at, 1, n or None, b"\0\1") for n, at in enumerate(instants)]
            assert connection.scalars(read.where(Reading.taken_at > instants[0])).all() == instants[2:]
        downgrade(engine, "0014")
        with engine.begin() as connection:
            assert connection.execute(stored).all() == rows
