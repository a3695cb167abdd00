"""`/metrics`, `/healthz` and `/readyz` of one process, where POSTROAD_HEALTH_LISTEN asks for them.

`/healthz` says whether the process should go on living, `/readyz` whether it can do its work now.
"""

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from importlib import import_module
from socketserver import TCPServer, ThreadingMixIn

from config.settings import Settings
from scheduler.core.problems import refuse
from scheduler.services.runtime import Runtime
from scheduler.services.vitals import read_vitals
from workers.listening import CANNOT_LISTEN
from workers.liveness import Check, Liveness
from workers.probing import Probe
from workers.readiness import Look, Readiness

TEXT = "text/plain; charset=utf-8"
EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"
KEEP_S = 2.0
IDLE_S = 5.0

Answer = tuple[HTTPStatus, str, bytes]


class Health:
    """What one process says about itself and its surroundings."""

    def __init__(self, settings: Settings, runtime: Runtime, liveness: Liveness) -> None:
        self._liveness = liveness
        self._readiness = Readiness(settings, runtime)
        self._vitals = Probe(lambda: read_vitals(runtime), keep_s=KEEP_S)

    def answer(self, path: str) -> Answer:
        """What to say to a request for this path."""
        match path.partition("?")[0]:
            case "/healthz":
                return _as_json([self._liveness()])
            case "/readyz":
                return _as_json(self._readiness.checks())
            case "/metrics":
                return HTTPStatus.OK, EXPOSITION, self._metrics()
        return HTTPStatus.NOT_FOUND, TEXT, b"/healthz /readyz /metrics\n"

    def _metrics(self) -> bytes:
        """The library that writes them takes 4 MB: it is loaded by the first scrape."""
        written: bytes = import_module("workers.metrics").render(self._look)
        return written

    def _look(self) -> Look:
        self._vitals.start()
        checks = [self._liveness(), *self._readiness.checks()]
        try:
            return self._vitals.ask(), checks
        except Exception:  # noqa: BLE001 - the checks name what is wrong
            return None, checks


@contextmanager
def serving(address: str, health: Health) -> Iterator[str]:
    """Answer on `host:port` while the block lasts; yields the URL. Refused where nobody can listen there."""
    server = _listen(address, health)
    thread = threading.Thread(target=server.serve_forever, args=(1.0,), name="health", daemon=True)
    thread.start()
    try:
        yield f"http://{address}"
    finally:
        server.shutdown()
        server.server_close()


def _listen(address: str, health: Health) -> TCPServer:
    """No HTTPServer of Python's: it asks a name server first, and one that is slow keeps it silent."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")

    class Server(ThreadingMixIn, TCPServer):
        allow_reuse_address = True
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        daemon_threads = True

    try:
        return Server((host, int(port)), _handler_of(health))
    except OSError as error:
        raise refuse(CANNOT_LISTEN, address=address, words=error.strerror or "") from None


def _handler_of(health: Health) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = IDLE_S
        server_version = "postroad"
        sys_version = ""

        def do_GET(self) -> None:
            status, kind, body = health.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """A scrape every few seconds is no news."""

    return Handler


def _as_json(checks: Sequence[Check]) -> Answer:
    well = all(check.ok for check in checks)
    told = {check.name: {"ok": check.ok, "reason": check.reason} for check in checks}
    body = json.dumps({"ok": well, "checks": told}, ensure_ascii=False).encode() + b"\n"
    return HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE, "application/json", body
