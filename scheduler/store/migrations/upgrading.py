"""Migrating by Alembic, which takes 8 MB: loaded by whoever migrates, not by what waits for work."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, func, select

from scheduler.store.migrations import FOLDER

ONE_AT_A_TIME = 0x706F7374726F6164


class BrokenReferences(Exception):
    """After a migration rows refer to rows that are not there; the database is as it was."""


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest version's tables."""
    with changing(engine) as connection:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def changing(engine: Engine) -> Iterator[Connection]:
    """A transaction in which a table may be put in another's place.

    SQLite alters a table by copying it, and to drop the old one would break every reference to it. So, as its
    makers advise, references are not watched meanwhile, and all are looked at before the COMMIT. Of two who
    change at once the second waits, and finds it done: SQLite has one writer, PostgreSQL this lock.
    """
    with engine.connect() as connection:
        sqlite = engine.dialect.name == "sqlite"
        if sqlite:
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
            connection.detach()
        with connection.begin():
            if not sqlite:
                connection.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
            yield connection
            if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                raise BrokenReferences(f"{len(broken)} rows refer to nothing, the first in {broken[0][0]}")
