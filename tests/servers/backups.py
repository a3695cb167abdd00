"""Copies of a database, on either server."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from scheduler.services.runtime import Runtime
from scheduler.store.engine import sqlite_file
from tests.servers.postgres import Postgres


class Backup:
    """Takes a copy of a database and puts it back, as an administrator would by the database's own tools."""

    def __init__(self, url: str, *, server: Postgres | None, folder: Path) -> None:
        self._file, self._name = sqlite_file(url), url.rpartition("/")[2]
        self._server, self._copy = server, folder / "backup.db"

    def take(self, *closed: Runtime) -> None:
        """Copy it, with these runtimes closed."""
        _close(closed)
        self._replace(self._name, f"{self._name}_backup", self._file, self._copy)

    def put_back(self, *closed: Runtime) -> None:
        """Let the copy take its place; connections to PostgreSQL are cut, a SQLite file is moved there."""
        _close(closed)
        self._replace(f"{self._name}_backup", self._name, self._copy, self._file)

    def drop(self) -> None:
        """Leave no copy behind."""
        if self._server:
            self._server.drop_database(f"{self._name}_backup")

    def _replace(self, source: str, target: str, from_file: Path | None, to_file: Path | None) -> None:
        if self._server:
            self._server.drop_database(target)
            self._server.create_database(target, template=source)
        elif from_file and to_file:
            made = to_file.with_suffix(".made")
            with closing(sqlite3.connect(from_file)) as reader, closing(sqlite3.connect(made)) as writer:
                reader.backup(writer)
            made.replace(to_file)


def _close(runtimes: Iterable[Runtime]) -> None:
    for runtime in runtimes:
        runtime.close()
