"""Bringing a database to the tables of this version, and checking that it is there."""

from functools import cache
from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, Engine, column, inspect, select, table

FOLDER = Path(__file__).parent
APPLIED = table("alembic_version", column("version_num"))


def upgrade(engine: Engine) -> None:
    """Bring the database to this version's tables; nothing happens when it is there already."""
    if not is_current(engine):
        import_module("scheduler.store.migrations.upgrading").upgrade(engine)


def is_current(engine: Engine) -> bool:
    """True when the database has exactly this version's tables."""
    with engine.connect() as connection:
        return has_current_tables(connection)


def version_in(engine: Engine) -> str | None:
    """The number of the last migration that was applied, None where none ever was."""
    with engine.connect() as connection:
        return version_of(connection)


def has_current_tables(connection: Connection) -> bool:
    """The same, asked over an open connection."""
    return version_of(connection) == newest()


def version_of(connection: Connection) -> str | None:
    """The same as `version_in`, asked over an open connection."""
    if not inspect(connection).has_table(APPLIED.name):
        return None
    applied = connection.scalars(select(APPLIED.c.version_num)).all()
    return applied[0] if len(applied) == 1 else None


@cache
def newest() -> str:
    """The number of the last migration; their files are numbered in the order of their application."""
    return max(numbers())


@cache
def numbers() -> frozenset[str]:
    """Of all migrations of this version."""
    return frozenset(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))
