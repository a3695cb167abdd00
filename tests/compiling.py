"""Statements compiled once a run: a test has an engine of its own, and would compile anew what others did.

As in the product, where a process has one engine for as long as it lives.
"""

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

_COMPILED: LRUCache[Any, Any] = LRUCache(3000)


class _Alike(DefaultDialect):
    """One for another, where they compile a statement to the same words."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Alike) and self._ways() == other._ways()

    def __hash__(self) -> int:
        return hash(type(self))

    def _ways(self) -> tuple[object, ...]:
        return type(self), self.use_insertmanyvalues_wo_returning, self.server_version_info


class Sqlite(_Alike, SQLiteDialect_pysqlite):
    """The one of the product."""

    supports_statement_cache = True


class Postgres(_Alike, PGDialect_psycopg):
    """The one of the product."""

    supports_statement_cache = True


def compile_once() -> None:
    """Let all engines that are opened from here on share what they compile."""
    registry.register("sqlite", __name__, "Sqlite")
    registry.register("postgresql.psycopg", __name__, "Postgres")
    event.listen(Engine, "engine_connect", _share)


def _share(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_COMPILED)
