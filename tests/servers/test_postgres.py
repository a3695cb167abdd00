"""PostgreSQL for tests: fresh databases, and data that outlives a restart."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests.servers.postgres import Postgres, postgres


@pytest.fixture
def database(postgres_server: Postgres) -> Iterator[str]:
    name = f"smoke_{uuid4().hex}"
    postgres_server.create_database(name)
    yield name
    postgres_server.drop_database(name)


def run_sql(url: str, statement: str) -> list[str]:
    engine = create_engine(url)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        rows = [str(row[0]) for row in result] if result.returns_rows else []
    engine.dispose()
    return rows


def test_a_fresh_database_keeps_any_script(postgres_server: Postgres, database: str) -> None:
    url = postgres_server.url_of(database)
    run_sql(url, "create table post (text text)")
    run_sql(url, "insert into post values ('新闻 خبر 🛰️')")
    assert run_sql(url, "select text from post") == ["新闻 خبر 🛰️"]


def test_a_database_is_copied_from_a_template(postgres_server: Postgres, database: str) -> None:
    run_sql(postgres_server.url_of(database), "create table post (text text)")
    copy = postgres_server.create_database(f"{database}_copy", template=database)
    assert run_sql(copy, "select count(*) from post") == ["0"]
    postgres_server.drop_database(f"{database}_copy")


def test_a_restart_cuts_connections_and_keeps_data(tmp_path: Path) -> None:
    with postgres(tmp_path) as server:
        run_sql(server.url, "create table post as select 'kept' as text")
        server.process.stop()
        with pytest.raises(OperationalError):
            run_sql(server.url, "select 1")
        server.process.start()
        assert run_sql(server.url, "select text from post") == ["kept"]
