"""Migrating by Alembic, which takes 8 MB: loaded by whoever migrates, not by what waits for work."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from scheduler.store.migrations import FOLDER


class BrokenReferences(Exception):
    """After a migration rows refer to rows that are not there; the database is as it was."""


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest version's tables."""
    with _changing(engine) as connection:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def _changing(engine: Engine) -> Iterator[Connection]:
    """A transaction in which a table may be put in another's place.

    SQLite alters a table by copying it, and to drop the old one would break every reference to it. So, as its
    makers advise, references are not watched meanwhile, and all are looked at before the COMMIT.
    """
    with engine.connect() as connection:
        sqlite = engine.dialect.name == "sqlite"
        if sqlite:
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
            connection.detach()
        with connection.begin():
            yield connection
            if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                raise BrokenReferences(f"{len(broken)} rows refer to nothing, the first in {broken[0][0]}")
