"""Many rows in one statement: arrays on PostgreSQL, which binds them at once, and executemany on SQLite."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ARRAY, ColumnElement, bindparam, column, func, select
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

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
        arrays = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
        session.execute(_resolved(_from_arrays(table, names), table, updates), arrays)
    else:
        values = [dict(zip(names, row, strict=True)) for row in rows]
        session.execute(_resolved(sqlite.insert(table), table, updates), values)


def replaced(*names: str) -> Updates:
    """Updates that put the new values of these columns in the place of the old ones."""
    return lambda insert: {name: insert.excluded[name] for name in names}


def _from_arrays(table: SqlTable, names: Sequence[str]) -> postgresql.Insert:
    arrays = [bindparam(name, type_=ARRAY(table.c[name].type)) for name in names]
    columns = [column(name, table.c[name].type) for name in names]
    rows = func.unnest(*arrays).table_valued(*columns, name="rows").render_derived()
    return postgresql.insert(table).from_select(list(names), select(*(rows.c[name] for name in names)))


def _resolved(insert: Insert, table: SqlTable, updates: Updates | None) -> Insert:
    if updates is None:
        return insert
    keys = [key.name for key in table.primary_key]
    return insert.on_conflict_do_update(index_elements=keys, set_=dict(updates(insert)))
