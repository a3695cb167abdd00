"""A relay between PostgreSQL and its clients that can cut a connection at the COMMIT of a chosen transaction.

It reads the frontend's messages (PostgreSQL protocol 3.0: a type byte, a length, a body) and knows which
statements each transaction ran, prepared ones too.
"""

import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, Self, TypeAlias

from tests.servers.ports import LOOPBACK

ENCRYPTION_REQUESTS = (80877103, 80877104)
TRANSACTION_ENDS = ("BEGIN", "COMMIT", "ROLLBACK")
Moment: TypeAlias = Literal["before", "after"]
MOMENTS: tuple[Moment, ...] = ("before", "after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Cut before the COMMIT reaches the server, or after it took effect and before the client hears of it."""

    statement: str
    moment: Moment


class Cutter:
    """Listens on a loopback `port` and forwards to the server's; `order` says which COMMITs to cut."""

    def __init__(self, server_port: int) -> None:
        self.done = 0
        self._server_port = server_port
        self._lock = threading.Lock()
        self._waiting: list[Cut] = []
        self._listening = socket.create_server((LOOPBACK, 0), backlog=128)

    @property
    def port(self) -> int:
        """Where clients connect instead of the server."""
        port: int = self._listening.getsockname()[1]
        return port

    def order(self, statement: str, moment: Moment, *, times: int = 1) -> None:
        """Cut the next `times` transactions that run a statement matching this regular expression."""
        with self._lock:
            self._waiting += [Cut(statement=statement, moment=moment)] * times

    def take(self, statements: list[str]) -> Cut | None:
        """The cut that a transaction with these statements meets at its COMMIT, used up by it."""
        with self._lock:
            for cut in self._waiting:
                if any(re.search(cut.statement, statement) for statement in statements):
                    self._waiting.remove(cut)
                    self.done += 1
                    return cut
        return None

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="cutter", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection((LOOPBACK, self._server_port))
        except OSError:
            client.close()
            return
        line = Line(cutter=self, client=client, server=server)
        threading.Thread(target=line.answers, daemon=True).start()
        line.questions()


@dataclass(slots=True, kw_only=True)
class Line:
    """One client's connection to the server, with what its open transaction has run so far."""

    cutter: Cutter
    client: socket.socket
    server: socket.socket
    swallowing: threading.Event = field(default_factory=threading.Event)
    _prepared: dict[bytes, str] = field(default_factory=dict)
    _statements: list[str] = field(default_factory=list)

    def questions(self) -> None:
        """Forward what the client says, until it or a cut ends the connection."""
        with suppress(OSError, EOFError):
            for kind, message in frontend_messages(self.client):
                if self._ends_here(kind, message):
                    return
                self.server.sendall(message)
        self.hang_up()

    def answers(self) -> None:
        """Forward what the server says; what it says to a swallowed COMMIT is lost with the connection."""
        with suppress(OSError):
            while piece := self.server.recv(65_536):
                if self.swallowing.is_set():
                    break
                self.client.sendall(piece)
        self.hang_up()

    def hang_up(self) -> None:
        """End both sides."""
        for side in (self.client, self.server):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
            side.close()

    def _ends_here(self, kind: bytes, message: bytes) -> bool:
        statement = self._statement(kind, message[5:])
        word = statement.strip().upper().partition(" ")[0]
        cut = self.cutter.take(self._statements) if word == "COMMIT" else None
        if word in TRANSACTION_ENDS:
            self._statements.clear()
        elif statement:
            self._statements.append(statement)
        if cut and cut.moment == "after":
            self.swallowing.set()
            self.server.sendall(message)
        elif cut:
            self.hang_up()
        return cut is not None

    def _statement(self, kind: bytes, body: bytes) -> str:
        """The SQL that a message runs; empty when it runs none."""
        first, _, rest = body.partition(b"\0")
        second = rest.partition(b"\0")[0]
        if kind == b"Q":
            return first.decode()
        if kind == b"P":
            self._prepared[first] = second.decode()
        return self._prepared.get(second, "") if kind == b"B" else ""


def frontend_messages(client: socket.socket) -> Iterator[tuple[bytes, bytes]]:
    """Each message whole, with its type, if it has one before the session began; EOFError at the end."""
    started = False
    while True:
        kind = _exactly(client, 1) if started else b""
        length = _exactly(client, 4)
        body = _exactly(client, struct.unpack("!I", length)[0] - 4)
        started = started or struct.unpack("!I", body[:4])[0] not in ENCRYPTION_REQUESTS
        yield kind, kind + length + body


def _exactly(client: socket.socket, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        piece = client.recv(size - len(received))
        if not piece:
            raise EOFError
        received += piece
    return bytes(received)
