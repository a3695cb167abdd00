"""Databases lent to one test after the other: emptying one takes a tenth of making one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from tests.servers.postgres import Postgres

KEPT = "alembic_version"
OPTIONS = "-c lock_timeout=5s -c statement_timeout=20s -c session_replication_role=replica"
"""Rows go in any order: what refers to what is not looked at."""
OTHERS = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""
OURS = "from pg_class where relnamespace::regnamespace::text !~ '^(pg_|information_schema)'"
SHAPE = f"""
select md5(string_agg(
    concat_ws(' ', oid::regclass, relkind, relnatts, relchecks, relhastriggers), ',' order by oid
))
{OURS}
"""
VERSION = "select version_num from alembic_version"
TABLES = f"select relnamespace::regnamespace::text, relname {OURS} and relkind = 'r'"
RESTART = f"select setval(oid::regclass, 1, false) {OURS} and relkind = 'S'"


@dataclass(slots=True, kw_only=True)
class Copies:
    """Copies of a template whose tables are empty but for its version."""

    server: Postgres
    template: str
    _idle: dict[str, object] = field(default_factory=dict, init=False)
    _made: int = field(default=0, init=False)

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The URL of a database as the template is; kept for the next one unless its tables were changed."""
        name, shape = self._idle.popitem() if self._idle else self._make()
        yield self.server.url_of(name)
        if self._empty(name, shape):
            self._idle[name] = shape
        else:
            self.server.drop_database(name)

    def _make(self) -> tuple[str, object]:
        self._made += 1
        name = f"{self.template}_{self._made}"
        self.server.create_database(name, template=self.template)
        with self._connect(name) as connection:
            return name, _shape(connection)

    def _empty(self, name: str, shape: object) -> bool:
        """Whether it is as it was made; False for one that is gone, or that somebody holds on to."""
        try:
            with self._connect(name) as connection:
                connection.execute(OTHERS)
                if _shape(connection) != shape:
                    return False
                _forget_rows(connection)
        except psycopg.Error:
            return False
        return True

    def _connect(self, name: str) -> psycopg.Connection[tuple[object, ...]]:
        url = self.server.url_of(name).replace("+psycopg", "")
        return psycopg.connect(url, autocommit=True, options=OPTIONS)


def _shape(connection: psycopg.Connection[tuple[object, ...]]) -> object:
    """Equal while no table was made, changed or dropped, and the version is the same."""
    return connection.execute(SHAPE).fetchone(), connection.execute(VERSION).fetchall()


def _forget_rows(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    tables = [
        sql.Identifier(str(schema), str(name)) for schema, name in connection.execute(TABLES) if name != KEPT
    ]
    connection.execute(sql.SQL(";").join(sql.SQL("delete from {}").format(table) for table in tables))
    connection.execute(RESTART)
