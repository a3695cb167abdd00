"""What each network failure means, on real loopback sockets."""

import asyncio
import logging
import socket
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar

import httpx
import pytest

from connectors.errors import ConnectorError, NotSent, OutcomeUnknown, PlatformChanged
from connectors.http import HIDDEN, WORDS_LIMIT, Http, Reply
from connectors.messages import LONGEST_ANSWER, Address, Answer, Headers, Request

PATIENT, QUICK = httpx.Timeout(30), httpx.Timeout(30, read=0.3, write=0.3)
carrier: ContextVar[str] = ContextVar("carrier")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture(autouse=True, params=["httpx", "fast"])
def each_carrier(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every failure means the same, whoever carries the request."""
    token = carrier.set(request.param)
    yield
    carrier.reset(token)


@contextmanager
def server(serve: Callable[[socket.socket], None], *, backlog: int = 1) -> Iterator[str]:
    """One loopback connection, handled as told; the address to reach it."""
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as listening:

        def accept() -> None:
            connection, _ = listening.accept()
            with connection:
                serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/api"
        thread.join()


def hear(connection: socket.socket) -> bytes:
    """The next piece; ConnectionAbortedError when there is none."""
    if piece := connection.recv(65_536):
        return piece
    raise ConnectionAbortedError


def receive(connection: socket.socket) -> bytes:
    """One request with its whole body; ConnectionAbortedError when it is not all there."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += hear(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += hear(connection)
    return head + b"\r\n\r\n" + body


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def pour(connection: socket.socket, piece: bytes, *, pause_s: float = 0) -> None:
    """Send without end, until the other side has had enough."""
    with suppress(OSError):
        while True:
            connection.sendall(piece)
            time.sleep(pause_s)


def answering(*pieces: bytes) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        receive(connection)
        for piece in pieces:
            connection.sendall(piece)

    return serve


def call(act: Callable[[Http], Awaitable[Reply]], *, timeout: httpx.Timeout = PATIENT) -> Reply:
    async def run() -> Reply:
        async with Http(timeout=timeout, carrier=carrier.get()) as http:
            return await act(http)

    return asyncio.run(run())


def write(url: str, content: bytes = b"{}") -> Reply:
    return call(lambda http: http.write("POST", url, content=content))


def failure(
    url: str, method: str, content: bytes = b"{}", *, timeout: httpx.Timeout = PATIENT
) -> ConnectorError:
    """How one call fails: "read", "stage" or "write"."""
    acts: dict[str, Callable[[Http], Awaitable[Reply]]] = {
        "read": lambda http: http.read(url),
        "stage": lambda http: http.stage("POST", url, content=content),
        "write": lambda http: http.write("POST", url, content=content),
    }
    with pytest.raises(ConnectorError) as failed:
        call(acts[method], timeout=timeout)
    return failed.value


def test_a_whole_answer_is_a_reply() -> None:
    with server(answering(HEAD + b"Content-Length: 11\r\n\r\n" + b'{"id": "7"}')) as url:
        reply = write(url)
    assert reply.ok
    assert reply.json_object() == {"id": "7"}
    assert reply.request == "POST 127.0.0.1"


@pytest.mark.parametrize("method", ["read", "stage", "write"])
def test_a_refused_connection_sent_nothing(method: str) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        error = failure(f"http://127.0.0.1:{bound.getsockname()[1]}/", method)
    assert type(error) is NotSent
    assert error.evidence.request in ("GET 127.0.0.1", "POST 127.0.0.1")


@pytest.mark.parametrize("url", ["nonsense://host/", "http://", "http://host.invalid/"])
def test_an_address_that_leads_nowhere_sent_nothing(url: str) -> None:
    assert type(failure(url, "write")) is NotSent


def test_a_header_that_cannot_be_sent_was_not() -> None:
    with pytest.raises(NotSent, match="cannot carry"):
        call(lambda http: http.write("POST", "http://127.0.0.1:9/", headers={"Authorization": "Bearer 令牌"}))
    with pytest.raises(NotSent, match="cannot carry"):
        call(lambda http: http.write("POST", "http://127.0.0.1:9/", json={"text": "half a pair: \ud83d"}))


@pytest.mark.parametrize("head", [b"X-Name: \xff\xfe", b"X-\xff: a", b"Content-Length: \xb2"])
def test_an_answer_in_another_encoding_was_asked_for(head: bytes) -> None:
    """Whatever it is taken for, it is not said that nothing was sent: that would be sent again."""
    sent = HEAD + head + b"\r\nContent-Length: 2\r\n\r\n\xff\xfe"
    with server(answering(sent)) as url, pytest.raises(OutcomeUnknown):
        write(url).json_object()


def test_what_cannot_be_deciphered_was_sent() -> None:
    def garbled(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=b"\xff".decode())

    async def run() -> Reply:
        async with Http(transport=httpx.MockTransport(garbled)) as http:
            return await http.write("POST", "http://platform.example/", content=b"{}")

    with pytest.raises(OutcomeUnknown, match="not written as it says"):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("method", "meaning"), [("read", NotSent), ("stage", NotSent), ("write", OutcomeUnknown)]
)
class TestAfterTheFirstByte:
    """Once bytes have left, only a call whose effect nobody sees may be repeated."""

    def test_reset_at_the_first_byte(self, method: str, meaning: type[ConnectorError]) -> None:
        def serve(connection: socket.socket) -> None:
            connection.recv(1)
            reset(connection)

        with server(serve) as url:
            assert type(failure(url, method)) is meaning

    def test_reset_after_the_request(self, method: str, meaning: type[ConnectorError]) -> None:
        def serve(connection: socket.socket) -> None:
            receive(connection)
            reset(connection)

        with server(serve) as url:
            assert type(failure(url, method)) is meaning

    def test_closed_after_the_request(self, method: str, meaning: type[ConnectorError]) -> None:
        with server(answering()) as url:
            assert type(failure(url, method)) is meaning

    def test_cut_in_the_head(self, method: str, meaning: type[ConnectorError]) -> None:
        with server(answering(HEAD)) as url:
            assert type(failure(url, method)) is meaning

    def test_cut_in_the_body(self, method: str, meaning: type[ConnectorError]) -> None:
        with server(answering(HEAD + b"Content-Length: 100\r\n\r\n{")) as url:
            assert type(failure(url, method)) is meaning

    def test_no_http(self, method: str, meaning: type[ConnectorError]) -> None:
        with server(answering(b"SSH-2.0-OpenSSH_9.2\r\n")) as url:
            assert type(failure(url, method)) is meaning

    def test_silence(self, method: str, meaning: type[ConnectorError]) -> None:
        def serve(connection: socket.socket) -> None:
            receive(connection)
            connection.recv(1)

        with server(serve) as url:
            assert type(failure(url, method, timeout=QUICK)) is meaning

    def test_an_answer_without_end(self, method: str, meaning: type[ConnectorError]) -> None:
        piece = b"x" * (LONGEST_ANSWER // 4)

        def serve(connection: socket.socket) -> None:
            receive(connection)
            connection.sendall(HEAD + b"\r\n")
            pour(connection, piece)

        with server(serve) as url:
            assert type(failure(url, method)) is meaning


def test_a_stalled_upload_may_have_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.http.DEADLINE_S", 0.5)
    given_up = threading.Event()

    def serve(connection: socket.socket) -> None:
        connection.recv(1)
        given_up.wait(30)

    with server(serve) as url:
        error = failure(url, "write", content=b"x" * 20_000_000, timeout=QUICK)
        given_up.set()
    assert type(error) is OutcomeUnknown


def test_a_slow_answer_is_waited_for() -> None:
    pieces = [HEAD + b"Content-Length: 4\r\n\r\n", b"n", b"u", b"l", b"l"]

    def serve(connection: socket.socket) -> None:
        receive(connection)
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.25)

    with server(serve) as url:
        reply = call(lambda http: http.write("POST", url), timeout=httpx.Timeout(30, read=1))
    assert reply.json() is None


def test_the_deadline_ends_an_endless_drip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.http.DEADLINE_S", 0.5)

    def serve(connection: socket.socket) -> None:
        receive(connection)
        connection.sendall(HEAD + b"\r\n")
        pour(connection, b"H", pause_s=0.05)

    with server(serve) as url:
        error = failure(url, "write")
    assert (type(error), error.reason) == (OutcomeUnknown, "the answer did not arrive whole in time")


def test_a_head_that_drips_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.http.DEADLINE_S", 0.5)

    def serve(connection: socket.socket) -> None:
        receive(connection)
        pour(connection, b"H", pause_s=0.05)

    with server(serve) as url:
        assert type(failure(url, "write")) is OutcomeUnknown


def test_a_redirect_is_an_answer_not_a_journey() -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    with server(answering(head)) as url:
        reply = write(url)
    assert reply.status == 302
    assert type(reply.unexpected()) is OutcomeUnknown


def mocked(status: int, body: bytes, method: str = "write", hide: tuple[str, ...] = ()) -> Reply:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=body))

    async def run() -> Reply:
        async with Http(transport=transport) as http:
            if method == "read":
                return await http.read("http://platform.test/secret-path", hide=hide)
            return await http.write("POST", "http://platform.test/secret-path", hide=hide)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "method", "meaning"),
    [
        (500, "write", OutcomeUnknown),
        (429, "write", OutcomeUnknown),
        (404, "write", OutcomeUnknown),
        (500, "read", NotSent),
        (429, "read", NotSent),
        (408, "read", NotSent),
        (404, "read", PlatformChanged),
    ],
)
def test_an_unlisted_status_is_harsh_on_writes(
    status: int, method: str, meaning: type[ConnectorError]
) -> None:
    assert type(mocked(status, b"", method).unexpected()) is meaning


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"id": 1', b"[1]", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(OutcomeUnknown):
        mocked(200, body).json_object()
    with pytest.raises(PlatformChanged):
        mocked(200, body, "read").json_object()
    assert mocked(200, body).json_or_empty() == {}


def test_evidence_is_cut_and_shows_nothing_hidden() -> None:
    token = "s3cret-token"
    body = b"x" * (WORDS_LIMIT - 6) + token.encode() + b"y" * WORDS_LIMIT
    reply = mocked(500, body, hide=(token, "", "s3cret"))
    evidence = reply.evidence(code=token)
    assert evidence.words is not None
    assert len(evidence.words) == WORDS_LIMIT
    assert "s3cret" not in f"{evidence} {reply!r}"
    assert evidence.code == HIDDEN
    assert evidence.request == "POST platform.test"


def test_a_request_and_its_answer_show_no_token() -> None:
    token = "12345:let-me-in"
    address = Address(url=f"https://api/{token}", site="https://api")
    request = Request(method="POST", address=address, headers={"Authorization": token}, body=token.encode())
    answer = Answer(200, Headers([("Set-Cookie", token)]), token.encode())
    assert token not in repr((request, answer))


def test_addresses_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    mocked(200, b"{}")
    assert "secret-path" not in caplog.text
