"""A platform that costs next to nothing: Mastodon's answers after a fixed latency, and a log of what arrived.

`python -m bench.platform LATENCY_S PORT...` serves the same log on every port. The log is the judge of the
benchmarks: when each status arrived, by the machine's clock, under which key.
"""

import asyncio
import json
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.ports import LOOPBACK, accepts, free_ports
from tests.servers.processes import ServerProcess

TEXT = "The bridge is open again. 大桥恢复通车。"
LOG = "/_log"
COUNT = "/_count"
ACCOUNT = {"id": "1", "username": "bench", "acct": "bench", "url": "http://bench.test/@bench"}
INSTANCE = {"domain": "bench.test", "version": "4.7.0", "source_url": "https://mastodon.test"}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A status that arrived: when, in seconds since 1970, and under which idempotency key."""

    at: float
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """The running platform, reached by several hosts."""

    ports: Sequence[int]

    @property
    def urls(self) -> list[str]:
        """One base address a host."""
        return [f"http://{LOOPBACK}:{port}" for port in self.ports]

    def count(self) -> int:
        """How many statuses arrived."""
        return int(_get(self.urls[0] + COUNT))

    def arrivals(self) -> list[Arrival]:
        """Every status that arrived, in order."""
        return [Arrival(at, key) for at, key in json.loads(_get(self.urls[0] + LOG))]


@contextmanager
def platform(folder: Path, *, latency_s: float, hosts: int) -> Iterator[Platform]:
    """The platform in a process of its own."""
    ports = free_ports(hosts)
    process = ServerProcess(
        name="platform",
        arguments=[sys.executable, "-m", "bench.platform", str(latency_s), *map(str, ports)],
        folder=folder,
        environment={"PYTHONPATH": str(Path(__file__).parent.parent)},
        ready=lambda: accepts(ports[-1]),
    )
    with process:
        yield Platform(ports=ports)


class _Log:
    """What arrived, and the answers to everything."""

    def __init__(self) -> None:
        self._arrived: list[tuple[float, str]] = []

    def take(self, key: str) -> bytes:
        """Note a status and answer with it."""
        self._arrived.append((time.time(), key))
        return _status(len(self._arrived))

    def answer(self, path: str) -> bytes:
        """What a GET is answered with."""
        if path == LOG:
            return json.dumps(self._arrived).encode()
        if path == COUNT:
            return str(len(self._arrived)).encode()
        if path.endswith("/instance"):
            return json.dumps(INSTANCE).encode()
        if path.startswith("/api/v1/statuses/"):
            return _status(int(path.rsplit("/", 1)[1]))
        return json.dumps(ACCOUNT).encode()


class _Connection(asyncio.Protocol):
    """Kept connections, one request at a time on each."""

    def __init__(self, log: _Log, latency_s: float, call_later: Callable[..., object]) -> None:
        self._log = log
        self._latency_s = latency_s
        self._call_later = call_later
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end or len(body) < int(_header(head, b"content-length") or 0):
            return
        self._received = b""
        verb, path, _ = head.split(b" ", 2)
        if verb == b"POST":
            said = self._log.take(_header(head, b"idempotency-key").decode())
            self._call_later(self._latency_s, self._send, said)
        else:
            self._send(self._log.answer(path.decode()))

    def _send(self, content: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        if self._transport and not self._transport.is_closing():
            self._transport.write(head % len(content) + content)


def _header(head: bytes, name: bytes) -> bytes:
    """The value of a header, empty when it is absent."""
    start = head.lower().find(b"\r\n" + name + b":")
    return head[start + len(name) + 3 :].split(b"\r\n", 1)[0].strip() if start >= 0 else b""


def _status(number: int) -> bytes:
    status = {
        "id": str(number),
        "url": f"http://bench.test/@bench/{number}",
        "content": f"<p>{TEXT}</p>",
        "visibility": "public",
        "media_attachments": [],
        "account": ACCOUNT,
    }
    return json.dumps(status).encode()


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - a loopback address of ours
        text: str = answer.read().decode()
        return text


async def _serve(latency_s: float, ports: Sequence[int]) -> None:
    loop, log = asyncio.get_running_loop(), _Log()
    servers = [
        await loop.create_server(
            lambda: _Connection(log, latency_s, loop.call_later), LOOPBACK, port, backlog=4096
        )
        for port in ports
    ]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1]), [int(port) for port in sys.argv[2:]]))
