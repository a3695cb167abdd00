"""The relay cuts the COMMIT it was ordered to cut, and no other."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from scheduler.store.engine import using_database
from tests.fire.cutting import MOMENTS, Cutter
from tests.servers.ports import LOOPBACK
from tests.servers.postgres import Postgres


def insert(engine: Engine, value: int) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO t VALUES (:value)"), {"value": value})


def test_a_commit_is_lost_before_or_after_it_took_effect(postgres_server: Postgres) -> None:
    postgres_server.create_database("cutting")
    with (
        Cutter(postgres_server.port) as cutter,
        using_database(f"postgresql+psycopg://postgres@{LOOPBACK}:{cutter.port}/cutting") as engine,
    ):
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE t (value int)"))
        for value in range(8):  # so often that the driver prepares the statement
            insert(engine, value)
        for value, moment in zip((100, 200), MOMENTS, strict=True):
            cutter.order("INSERT INTO t", moment)
            with pytest.raises(OperationalError):
                insert(engine, value)
        insert(engine, 300)
        with engine.begin() as connection:
            seen = connection.execute(text("SELECT value FROM t ORDER BY value")).scalars().all()
    assert (seen, cutter.done) == ([*range(8), 200, 300], 2)
