"""A real MariaDB, for the servers that need one."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.ports import LOOPBACK, accepts, free_port
from tests.servers.processes import ServerProcess, run

# The programs alone: `mariadb-server` would also set up a service.
MARIADB_PACKAGES = ["mariadb-server-core", "mariadb-client-core"]

_SETTINGS = {
    "bind-address": LOOPBACK,
    "skip-log-bin": "1",
    "performance-schema": "OFF",
    "innodb-buffer-pool-size": "64M",
    "innodb-flush-log-at-trx-commit": "0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MariaDB:
    """A running server whose `root` needs no password."""

    port: int
    process: ServerProcess


@contextmanager
def mariadb(folder: Path) -> Iterator[MariaDB]:
    """Run a new, empty server whose files live in the folder."""
    data, port = folder / "mariadb", free_port()
    common = ["--no-defaults", f"--user={getpass.getuser()}", f"--datadir={data}"]
    empty = ["--skip-test-db", "--auth-root-authentication-method=normal"]
    run(["mariadb-install-db", *common, *empty], log=folder / "mariadb-install.log", folder=folder)
    files = [f"--socket={folder / 'mariadb.sock'}", f"--pid-file={folder / 'mariadb.pid'}"]
    settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
    process = ServerProcess(
        name="mariadb",
        arguments=["/usr/sbin/mariadbd", *common, f"--port={port}", *files, *settings],
        folder=folder,
        ready=lambda: accepts(port),
    )
    with process:
        yield MariaDB(port=port, process=process)
