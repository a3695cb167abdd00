"""Many values in one parameter: a statement reads the same, and is prepared once, however many there are."""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Dialect,
    SQLColumnExpression,
    String,
    Text,
    bindparam,
    literal,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from scheduler.store.bulk import as_array
from scheduler.store.columns import plain

IDS = "ids"


class Numbers(TypeDecorator[Collection[int]]):
    """Whole numbers: an array on PostgreSQL, JSON on SQLite, written out here."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return Text() if dialect.name == "sqlite" else ARRAY(BigInteger)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        """The array's own would look at each number."""
        write: Callable[[list[int]], str] = json.dumps if dialect.name == "sqlite" else as_array
        return lambda numbers: write(list(numbers))


class Named(TypeDecorator[Mapping[int, str]]):
    """Words by whole numbers, as a JSON object."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[int, str] | None, _dialect: Dialect) -> str:
        return json.dumps({str(number): plain(word) for number, word in (value or {}).items()})


class _OneOf(FunctionElement[bool]):
    """A condition as it is: one compared with 1, as SQLAlchemy would for SQLite, is found by no index."""

    inherit_cache = True
    type = Boolean()

    def self_group(self, against: Any = None) -> "_OneOf":  # noqa: ARG002 - as SQLAlchemy calls it
        return self


class _LookedUp(FunctionElement[str]):
    inherit_cache = True
    type = String()


@compiles(_OneOf)
def _any(element: _OneOf, compiler: SQLCompiler, **how: Any) -> str:
    one, many = _compiled(element, compiler, how)
    return f"{one} = ANY ({many})"


@compiles(_OneOf, "sqlite")
def _each(element: _OneOf, compiler: SQLCompiler, **how: Any) -> str:
    one, many = _compiled(element, compiler, how)
    return f"{one} IN (SELECT value FROM json_each({many}))"  # noqa: S608 - both are compiled SQL


@compiles(_LookedUp)
def _by_key(element: _LookedUp, compiler: SQLCompiler, **how: Any) -> str:
    number, words = _compiled(element, compiler, how)
    return f"((SELECT CAST({words} AS JSONB)) ->> CAST({number} AS TEXT))"


@compiles(_LookedUp, "sqlite")
def _by_path(element: _LookedUp, compiler: SQLCompiler, **how: Any) -> str:
    number, words = _compiled(element, compiler, how)
    return f"json_extract({words}, '$.' || CAST({number} AS TEXT))"


def one_of(number: SQLColumnExpression[int], numbers: Collection[int]) -> ColumnElement[bool]:
    """As `number.in_(numbers)`, with one parameter."""
    return _OneOf(number, literal(numbers, Numbers()))


def among(number: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """As `one_of`, for a statement that is made once: it is run with the numbers as IDS."""
    return _OneOf(number, bindparam(IDS, type_=Numbers()))


def looked_up(number: SQLColumnExpression[int], name: str) -> ColumnElement[str]:
    """What the mapping that the statement is run with under `name` holds for a number; NULL without."""
    return _LookedUp(number, bindparam(name, type_=Named()))


def _compiled(element: FunctionElement[Any], compiler: SQLCompiler, how: Mapping[str, Any]) -> list[str]:
    return [compiler.process(clause, **how) for clause in element.clauses]
