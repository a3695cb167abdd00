"""A loopback relay between a connector and its platform, where the suite breaks one exchange at a time.

So every connector meets the same failures on a fake and on a real server, and neither needs fault switches.
"""

import http.client
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

from connectors.conformance.faults import Answer, Fault

READS = frozenset({"GET", "HEAD"})
_NOT_SENT_ON = frozenset({"connection", "content-length", "transfer-encoding", "accept-encoding"})
_NOT_HANDED_BACK = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})


class Relay:
    """Forwards to the platform's address; `url` stands in for it, path included."""

    def __init__(self, target: str) -> None:
        self.requests: list[tuple[str, str]] = []
        self._target = urlsplit(target)
        self._fault: tuple[Fault, Callable[[str], bool]] | None = None
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """The address to give to the connector."""
        return f"http://127.0.0.1:{self._server.server_port}{self._target.path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @contextmanager
    def breaking(self, fault: Fault, *, reads: bool = False, writes: bool = True) -> Iterator[None]:
        """While inside, every exchange of the chosen kinds goes wrong in this way."""
        self._fault = (fault, lambda method: reads if method in READS else writes)
        try:
            yield
        finally:
            self._fault = None

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
        """What to send back for one request, faults applied."""
        self.requests.append((method, path))

        def forward() -> Answer:
            return self._forward(method, path, headers, body)

        if self._fault and self._fault[1](method):
            return self._fault[0](forward)
        return forward()

    def _forward(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        kind = http.client.HTTPSConnection if self._target.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._target.hostname or "", self._target.port, timeout=60)
        try:
            connection.request(method, path, body or None, {**headers, "Connection": "close"})
            answer = connection.getresponse()
            kept = {
                name: value for name, value in answer.getheaders() if name.lower() not in _NOT_HANDED_BACK
            }
            return Answer(status=answer.status, body=answer.read(), headers=kept)
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # with the default of 5 a burst waits for TCP to try again, up to 15 s

    def __init__(self, relay: Relay) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.relay = relay

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away before their answer: that is their affair."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _serve(self) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_SENT_ON}
        answer = self.server.relay.answer(self.command, self.path, headers, self._body())
        if answer is None:
            _reset_on_close(self.connection)
            self.close_connection = True
        else:
            self._send(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server wants these names

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _send(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[: int(len(answer.body) * answer.sent)])
        self.close_connection = self.close_connection or answer.sent < 1

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the overridden signature
        """Stay quiet: paths may hold tokens."""


def _reset_on_close(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
