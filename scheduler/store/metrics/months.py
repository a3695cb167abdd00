"""The parts of `reading` on PostgreSQL: one for each month, in a schema of their own, made ahead.

What falls into no month that was made goes to the part `strays`, and to its own month when that is made.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, text

SCHEMA = "reading_months"
AHEAD = 3


def prepare(connection: Connection) -> None:
    """Make the schema and the part for strays."""
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    connection.execute(text(f"CREATE TABLE IF NOT EXISTS {SCHEMA}.strays PARTITION OF reading DEFAULT"))


def make_months(connection: Connection, *, since: datetime, now: datetime) -> list[str]:
    """Make the months from `since` until some after `now` (aware UTC) that are missing; their names.

    SQLite has no parts.
    """
    if connection.dialect.name != "postgresql":
        return []
    first, last = _number(since), _number(now) + AHEAD
    return [name for number in range(first, last + 1) if (name := _make(connection, number))]


def _make(connection: Connection, number: int) -> str:
    """Attach one month, with the strays that belong to it; empty when it is there already."""
    name = f"{SCHEMA}.m{number // 12:04d}_{number % 12 + 1:02d}"
    if connection.scalar(text("SELECT to_regclass(:name)"), {"name": name}):
        return ""
    starts, ends = (f"'{_first(month):%Y-%m-%d} UTC'" for month in (number, number + 1))
    inside = f"taken_at >= {starts} AND taken_at < {ends}"
    moving = f"""
        WITH found AS (DELETE FROM {SCHEMA}.strays WHERE {inside} RETURNING *)
        INSERT INTO {name} SELECT * FROM found
    """  # noqa: S608 - names and instants of our own
    for statement in (
        f"CREATE TABLE {name} (LIKE reading INCLUDING DEFAULTS)",
        moving,
        f"ALTER TABLE reading ATTACH PARTITION {name} FOR VALUES FROM ({starts}) TO ({ends})",
    ):
        connection.execute(text(statement))
    return name


def _number(at: datetime) -> int:
    moment = at.astimezone(UTC)
    return moment.year * 12 + moment.month - 1


def _first(number: int) -> datetime:
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)
