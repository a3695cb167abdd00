"""Many values in one parameter: a statement reads the same, and is prepared once, however many there are."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Dialect,
    SQLColumnExpression,
    String,
    Subquery,
    Text,
    cast,
    column,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from scheduler.store.bulk import as_array
from scheduler.store.columns import plain

NUMBER: TypeEngine[int] = BigInteger()
WORDS: TypeEngine[str] = String()


class Numbers(TypeDecorator[Collection[int]]):
    """Whole numbers: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return Text() if dialect.name == "sqlite" else ARRAY(BigInteger)

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        numbers = list(value or ())
        return json.dumps(numbers) if dialect.name == "sqlite" else numbers


class _OneOf(FunctionElement[bool]):
    """A condition as it is: one compared with 1, as SQLAlchemy would for SQLite, is found by no index."""

    inherit_cache = True
    type = Boolean()

    def self_group(self, against: Any = None) -> "_OneOf":  # noqa: ARG002 - as SQLAlchemy calls it
        return self


@compiles(_OneOf)
def _any(element: _OneOf, compiler: SQLCompiler, **how: Any) -> str:
    one, many = (compiler.process(clause, **how) for clause in element.clauses)
    return f"{one} = ANY ({many})"


@compiles(_OneOf, "sqlite")
def _each(element: _OneOf, compiler: SQLCompiler, **how: Any) -> str:
    one, many = (compiler.process(clause, **how) for clause in element.clauses)
    return f"{one} IN (SELECT value FROM json_each({many}))"  # noqa: S608 - both are compiled SQL


def one_of(number: SQLColumnExpression[int], numbers: Collection[int]) -> ColumnElement[bool]:
    """As `number.in_(numbers)`, with one parameter."""
    return _OneOf(number, literal(numbers, Numbers()))


def looked_up(
    session: Session, words: Mapping[int, str], number: SQLColumnExpression[int]
) -> ColumnElement[str]:
    """What the mapping holds for a number, NULL for one that it does not hold."""
    named = {str(key): plain(value) for key, value in words.items()}
    if session.get_bind().dialect.name == "postgresql":
        return literal(named, JSONB()).op("->>", return_type=String())(cast(number, Text()))
    path = literal("$.") + cast(number, Text())
    return func.json_extract(literal(json.dumps(named), Text()), path, type_=String())


def given(
    session: Session, rows: Sequence[Mapping[str, object]], columns: Mapping[str, TypeEngine[Any]]
) -> Subquery:
    """The rows as a table in the database, each column a NUMBER or WORDS."""
    if session.get_bind().dialect.name == "postgresql":
        arrays = [
            cast(literal(as_array([row[name] for row in rows]), Text()), ARRAY(type_))
            for name, type_ in columns.items()
        ]
        table = func.unnest(*arrays).table_valued(*(column(name, type_) for name, type_ in columns.items()))
        return select(table.render_derived()).subquery()
    packed = literal(json.dumps([{name: _plain(row[name]) for name in columns} for row in rows]), Text())
    value = func.json_each(packed).table_valued("value").c.value
    fields = [func.json_extract(value, f"$.{name}", type_=type_) for name, type_ in columns.items()]
    return select(*(field.label(name) for name, field in zip(columns, fields, strict=True))).subquery()


def _plain(value: object) -> object:
    return plain(value) if isinstance(value, str) else value
