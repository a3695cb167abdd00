"""Many rows in one statement: an array for each column on PostgreSQL, and executemany on SQLite.

The arrays are written out here as text: the driver would look at each of their values twice.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeAlias, TypeVar

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    TableValuedAlias,
    Text,
    Update,
    bindparam,
    cast,
    column,
    func,
    select,
    update,
)
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from scheduler.store.columns import plain

Insert: TypeAlias = postgresql.Insert | sqlite.Insert
T = TypeVar("T", postgresql.Insert, sqlite.Insert)
Updates: TypeAlias = Callable[[Insert], Mapping[str, ColumnElement[Any]]]


def write(
    session: Session,
    table: SqlTable,
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    updates: Updates | None = None,
) -> None:
    """Insert rows of the columns `names`; where a key is there already, apply `updates`, or fail without.

    The statement is made once for the same table, names and `updates`, which therefore have to be the same.
    """
    if not rows:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_from_arrays(table, tuple(names), updates), _arrays(names, rows))
    else:
        _run_each(session, _inserted_each(table, tuple(names), updates), names, rows)


def change(session: Session, table: SqlTable, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Put new values into rows that are there, each found by its key, the first of `names`."""
    if not rows:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_changed_at_once(table, tuple(names)), _arrays(names, rows))
    else:
        _run_each(session, _changed_each(table, tuple(names)), names, rows)


def append(session: Session, table: SqlTable, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """As `write` without updates, for thousands of rows: by COPY on PostgreSQL."""
    if not rows:
        return
    session.flush()
    dialect = session.get_bind().dialect
    if dialect.name != "postgresql":
        _run_each(session, _inserted_each(table, tuple(names), None), names, rows)
        return
    lines = "\n".join(map("\t".join, zip(*map(_column, zip(*rows, strict=True)), strict=True)))
    statement = f"COPY {table.name} ({', '.join(names)}) FROM STDIN"
    cursor: Any = session.connection().connection.cursor()
    failure: Any = dialect.loaded_dbapi.Error
    try:
        with cursor, cursor.copy(statement) as copy:
            copy.write(lines)
    except failure as error:
        raise DBAPIError.instance(statement, None, error, failure, dialect=dialect) from error


def insert_into(session: Session, table: Any) -> Insert:
    """An INSERT in this database's own words, which can say what a conflict does."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


@cache
def replaced(*names: str) -> Updates:
    """Updates that put the new values of these columns in the place of the old ones."""
    return lambda insert: {name: insert.excluded[name] for name in names}


def as_array(values: Collection[Any]) -> str:
    """The values as PostgreSQL reads an array: all of one type, or None."""
    word = _WORDS[_kind(values)]
    return "{" + ",".join(["NULL" if value is None else word(value) for value in values]) + "}"


def _arrays(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, str]:
    columns = zip(*rows, strict=True)
    return {_new(name): as_array(values) for name, values in zip(names, columns, strict=True)}


def _new(name: str) -> str:
    """The parameter of a column: SQLAlchemy keeps the column's own name for itself in an UPDATE."""
    return f"new_{name}"


@cache
def _from_arrays(table: SqlTable, names: tuple[str, ...], updates: Updates | None) -> postgresql.Insert:
    rows = _unnested(table, names)
    insert = postgresql.insert(table).from_select(names, select(*(rows.c[name] for name in names)))
    return _resolved(insert, table, updates)


@cache
def _changed_at_once(table: SqlTable, names: tuple[str, ...]) -> Update:
    return _changed(table, names, _unnested(table, names).c)


def _changed(table: SqlTable, names: tuple[str, ...], new: Any) -> Update:
    key, *others = names
    return update(table).where(table.c[key] == new[key]).values({name: new[name] for name in others})


def _unnested(table: SqlTable, names: tuple[str, ...]) -> TableValuedAlias:
    arrays = [cast(bindparam(_new(name), type_=Text()), ARRAY(table.c[name].type)) for name in names]
    columns = [column(name, table.c[name].type) for name in names]
    return func.unnest(*arrays).table_valued(*columns, name="rows").render_derived()


class _Each(NamedTuple):
    """What SQLite is told for each row, and the columns in the order of its places."""

    statement: str
    places: Sequence[Any]


def _run_each(session: Session, each: _Each, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """A column at a time is made ready for the driver, and only where its type asks for it.

    Those that are not in `names` have a default that is a value.
    """
    dialect = session.get_bind().dialect
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    ready = [
        _prepared(columns.get(one.name) or (one.default.arg,) * len(rows), one.type, dialect)
        for one in each.places
    ]
    session.connection().exec_driver_sql(each.statement, list(zip(*ready, strict=True)))


@cache
def _inserted_each(table: SqlTable, names: tuple[str, ...], updates: Updates | None) -> _Each:
    compiled: Any = _in_words(_resolved(sqlite.insert(table), table, updates), column_keys=names)
    return _Each(str(compiled), [table.c[name] for name in compiled.positiontup])


@cache
def _changed_each(table: SqlTable, names: tuple[str, ...]) -> _Each:
    compiled = _in_words(_changed(table, names, {name: bindparam(_new(name)) for name in names}))
    columns = {_new(name): table.c[name] for name in names}
    return _Each(str(compiled), [columns[name] for name in compiled.positiontup])


def _in_words(statement: Any, **how: Any) -> Any:
    return statement.compile(dialect=sqlite.dialect(paramstyle="qmark"), **how)


def _prepared(values: Collection[Any], kind: Any, dialect: Any) -> Iterable[Any]:
    prepare = kind.dialect_impl(dialect).bind_processor(dialect)
    return map(prepare, values) if prepare else values


def _resolved(insert: T, table: SqlTable, updates: Updates | None) -> T:
    if updates is None:
        return insert
    keys = [key.name for key in table.primary_key]
    return insert.on_conflict_do_update(index_elements=keys, set_=dict(updates(insert)))


def _column(values: Collection[Any]) -> list[str]:
    """The values as COPY reads them: all of one type, or None."""
    word = _COPIED[_kind(values)]
    return ["\\N" if value is None else word(value) for value in values]


def _kind(values: Collection[Any]) -> type:
    """That of the first that is not None, of which there are words; TypeError where there are none."""
    first = next((value for value in values if value is not None), 0)
    known = next((kind for kind in _WORDS if isinstance(first, kind)), None)
    if known is None or isinstance(first, bool):
        raise TypeError(f"no words for a {type(first).__name__} in an array")
    return known


def _escaped(value: str) -> str:
    words = plain(value).replace("\\", "\\\\")
    return words.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _quoted(value: str) -> str:
    return '"' + plain(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


@lru_cache(maxsize=16_384)
def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return value.isoformat()


_WORDS: Mapping[type, Callable[[Any], str]] = {
    int: str,
    str: _quoted,
    dict: lambda value: _quoted(json.dumps(value)),
    bytes: lambda value: '"\\\\x' + value.hex() + '"',
    datetime: _moment,
}
_COPIED: Mapping[type, Callable[[Any], str]] = {
    int: str,
    str: _escaped,
    dict: lambda value: _escaped(json.dumps(value)),
    bytes: lambda value: "\\\\x" + value.hex(),
    datetime: _moment,
}
