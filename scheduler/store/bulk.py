"""Many rows in one statement: an array for each column on PostgreSQL, and executemany on SQLite.

The arrays are written out here as text: the driver would look at each of their values twice.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import ARRAY, ColumnElement, Text, bindparam, cast, column, func, select
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from scheduler.store.columns import plain

Insert: TypeAlias = postgresql.Insert | sqlite.Insert
Updates: TypeAlias = Callable[[Insert], Mapping[str, ColumnElement[Any]]]


def write(
    session: Session,
    table: SqlTable,
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    updates: Updates | None = None,
) -> None:
    """Insert rows of the columns `names`; where a key is there already, apply `updates`, or fail without."""
    if not rows:
        return
    if session.get_bind().dialect.name == "postgresql":
        arrays = dict(zip(names, map(_array, zip(*rows, strict=True)), strict=True))
        session.execute(_resolved(_from_arrays(table, names), table, updates), arrays)
    else:
        values = [dict(zip(names, row, strict=True)) for row in rows]
        session.execute(_resolved(sqlite.insert(table), table, updates), values)


def insert_into(session: Session, table: Any) -> Insert:
    """An INSERT in this database's own words, which can say what a conflict does."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def replaced(*names: str) -> Updates:
    """Updates that put the new values of these columns in the place of the old ones."""
    return lambda insert: {name: insert.excluded[name] for name in names}


def _from_arrays(table: SqlTable, names: Sequence[str]) -> postgresql.Insert:
    arrays = [cast(bindparam(name, type_=Text()), ARRAY(table.c[name].type)) for name in names]
    columns = [column(name, table.c[name].type) for name in names]
    rows = func.unnest(*arrays).table_valued(*columns, name="rows").render_derived()
    return postgresql.insert(table).from_select(list(names), select(*(rows.c[name] for name in names)))


def _resolved(insert: Insert, table: SqlTable, updates: Updates | None) -> Insert:
    if updates is None:
        return insert
    keys = [key.name for key in table.primary_key]
    return insert.on_conflict_do_update(index_elements=keys, set_=dict(updates(insert)))


def _array(values: Collection[Any]) -> str:
    """The values as PostgreSQL reads an array: all of one type, or None."""
    kind = next((type(value) for value in values if value is not None), int)
    word = _WORDS[kind]
    return "{" + ",".join(["NULL" if value is None else word(value) for value in values]) + "}"


def _quoted(value: str) -> str:
    return '"' + plain(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return '"' + value.isoformat() + '"'


_WORDS: Mapping[type, Callable[[Any], str]] = {
    int: str,
    str: _quoted,
    bytes: lambda value: '"\\\\x' + value.hex() + '"',
    datetime: _moment,
}
