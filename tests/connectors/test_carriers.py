"""What each carrier does on the wire: every request once, straight to its host, on verified connections."""

import asyncio
import gzip
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from connectors import carriers
from connectors.carriers import CarrierMissing
from connectors.errors import NotSent, OutcomeUnknown
from connectors.http import Http
from connectors.lanes import trust
from connectors.messages import LONGEST_ANSWER
from tests.connectors.test_http import receive
from tests.servers.certificates import self_signed

T = TypeVar("T")
Answer = Callable[[socket.socket, bytes], bool]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
ONE_READ, MANY_READS = 2**16, 2**22
CIPHER = 22
"""What each 16 KiB grow by under TLS 1.3."""
TIMES = httpx.Timeout(30)


@pytest.fixture(params=["httpx", "fast"])
def carrier(request: pytest.FixtureRequest) -> str:
    """Each carrier by its name."""
    name: str = request.param
    return name


class Site:
    """A server that takes any number of connections and keeps what was sent on them.

    `answer` gets a connection and a whole request; it returns False to close the connection.
    """

    def __init__(self, listening: socket.socket, answer: Answer, tls: ssl.SSLContext | None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.protocols: list[str | None] = []
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{listening.getsockname()[1]}/api"
        self._listening = listening
        self._answer = answer
        self._tls = tls

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        if self._tls:
            connection = self._tls.wrap_socket(connection, server_side=True)
            self.protocols.append(connection.selected_alpn_protocol())
        with connection, suppress(OSError):
            while True:
                self.requests.append(receive(connection))
                if not self._answer(connection, self.requests[-1]):
                    return


@contextmanager
def site(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """The site, on a free loopback port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        served = Site(listening, answer, tls)
        thread = threading.Thread(target=served.accept, daemon=True)
        thread.start()
        yield served
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def kindly(connection: socket.socket, _: bytes) -> bool:
    connection.sendall(OK)
    return True


def packed_as(packed: bytes) -> Answer:
    """An answer that says it is packed by gzip."""

    def answer(connection: socket.socket, _: bytes) -> bool:
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
        connection.sendall(head + packed)
        return True

    return answer


def run(carrier: str, act: Callable[[Http], Awaitable[T]], *, timeout: httpx.Timeout = TIMES) -> T:
    async def go() -> T:
        async with Http(timeout=timeout, carrier=carrier) as http:
            return await act(http)

    return asyncio.run(go())


def test_a_write_without_an_answer_is_made_once(carrier: str) -> None:
    with site(lambda *_: False) as served:
        with pytest.raises(OutcomeUnknown):
            run(carrier, lambda http: http.write("POST", served.url, content=b"{}"))
        assert len(served.requests) == 1


def test_a_write_on_a_kept_connection_without_an_answer_is_made_once(carrier: str) -> None:
    """The server answers the first request, takes the second on the same connection, and closes."""

    def answer(connection: socket.socket, request: bytes) -> bool:
        return b"first" in request and kindly(connection, request)

    async def twice(http: Http) -> None:
        await http.write("POST", served.url, content=b"first")
        await http.write("POST", served.url, content=b"second")

    with site(answer) as served:
        with pytest.raises(OutcomeUnknown):
            run(carrier, twice)
        assert [request[-6:] for request in served.requests] == [b"\nfirst", b"second"]
        assert served.connections == 1


def test_writes_on_connections_that_the_server_closes_are_made_once_each(carrier: str) -> None:
    """The server closes each connection just after its answer, in a race with the next request."""

    def answer(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(OK)
        return False

    async def many(http: Http) -> int:
        sent = 0
        for number in range(60):
            with suppress(OutcomeUnknown):
                await http.write("POST", served.url, content=b"%06d" % number)
                sent += 1
            await asyncio.sleep(0.0002 * (number % 5))
        return sent

    with site(answer) as served:
        sent = run(carrier, many)
        bodies = [request[-6:] for request in served.requests]
    assert len(bodies) == len(set(bodies)) >= sent


def test_no_request_meets_a_server_that_hangs_up_after_five_idle_seconds(carrier: str) -> None:
    """As Apache, Node and uvicorn do; the request would be cut, and nobody know whether it arrived."""

    async def twice(http: Http) -> None:
        await http.write("POST", served.url, content=b"first")
        await asyncio.sleep(4.8)
        await http.write("POST", served.url, content=b"second")

    with site(kindly) as served:
        run(carrier, twice)
        assert served.connections == 2


def test_many_at_once_are_made_once_each_on_connections_that_are_kept(carrier: str) -> None:
    """But for a few, which are not put back yet when the next ones are wanted."""

    async def wave(http: Http) -> None:
        await asyncio.gather(
            *(http.write("POST", served.url, content=b"%06d" % number) for number in range(50))
        )

    async def waves(http: Http) -> None:
        await wave(http)
        await wave(http)

    with site(kindly) as served:
        run(carrier, waves)
        assert len(served.requests) == 100
        assert served.connections < 75


def test_no_more_than_allowed_are_in_flight(carrier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carriers, "IN_FLIGHT", 1)
    busy = threading.Semaphore(1)
    crowded = threading.Event()

    def answer(connection: socket.socket, request: bytes) -> bool:
        if not busy.acquire(blocking=False):
            crowded.set()
        time.sleep(0.02)
        busy.release()
        return kindly(connection, request)

    async def five(http: Http) -> None:
        await asyncio.gather(*(http.write("POST", served.url, content=b"{}") for _ in range(5)))

    with site(answer) as served:
        run(carrier, five)
        assert len(served.requests) == 5
    assert not crowded.is_set()


def test_who_waits_too_long_for_a_turn_was_not_tried(carrier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carriers, "IN_FLIGHT", 1)
    told = threading.Event()

    def answer(connection: socket.socket, request: bytes) -> bool:
        told.wait(30)
        return kindly(connection, request)

    async def two(http: Http) -> None:
        first = asyncio.create_task(http.write("POST", served.url, content=b"{}"))
        await asyncio.sleep(0)
        with pytest.raises(NotSent) as refused:
            await http.write("POST", served.url, content=b"{}")
        assert not refused.value.tried
        told.set()
        await first

    with site(answer) as served:
        run(carrier, two, timeout=httpx.Timeout(30, pool=0.1))
        assert len(served.requests) == 1


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_one_host_and_one_length_are_sent(carrier: str, body: bytes) -> None:
    with site(kindly) as served:
        run(carrier, lambda http: http.write("POST", served.url, content=body, headers={"X-Name": "a"}))
        head = served.requests[0].partition(b"\r\n\r\n")[0].lower().split(b"\r\n")
    assert head[0] == b"post /api http/1.1"
    assert sorted(line for line in head if line.startswith((b"host", b"content-length", b"transfer"))) == [
        b"content-length: %d" % len(body),
        b"host: " + served.url.split("/")[2].encode(),
    ]
    assert b"x-name: a" in head
    assert b"user-agent: postroad" in head


def test_a_header_of_the_connector_takes_the_place_of_ours_in_any_case(carrier: str) -> None:
    own = {"user-agent": "ours", "content-type": "application/jrd+json"}
    with site(kindly) as served:
        run(carrier, lambda http: http.write("POST", served.url, json={}, headers=own))
        head = served.requests[0].partition(b"\r\n\r\n")[0].lower().split(b"\r\n")
    assert sorted(line for line in head if line.startswith((b"user-agent", b"content-type"))) == [
        b"content-type: application/jrd+json",
        b"user-agent: ours",
    ]


def test_forms_and_files_arrive_as_httpx_writes_them(carrier: str) -> None:
    async def upload(http: Http) -> None:
        await http.stage("POST", served.url, data={"alt": "桥"}, files={"file": ("a.png", b"\x89PNG")})

    with site(kindly) as served:
        run(carrier, upload)
    head, _, body = served.requests[0].partition(b"\r\n\r\n")
    assert b"multipart/form-data; boundary=" in head
    assert "桥".encode() in body
    assert b"\x89PNG" in body


def test_the_proxies_of_the_environment_are_not_used(carrier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with site(kindly) as served, site(kindly) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        for host in ("127.0.0.1", "localhost"):
            run(carrier, lambda http, host=host: http.read(served.url.replace("127.0.0.1", host)))  # type: ignore[misc]
        assert (len(served.requests), proxy.connections) == (2, 0)


def test_cookies_are_not_sent_back(carrier: str) -> None:
    def answer(connection: socket.socket, request: bytes) -> bool:
        connection.sendall(OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: account=1; Path=/\r\n\r\n"))
        return True

    async def twice(http: Http) -> None:
        await http.read(served.url)
        await http.read(served.url)

    with site(answer) as served:
        run(carrier, twice)
    assert not any(b"account=1" in request for request in served.requests)


def test_the_sum_of_what_is_unpacked_has_a_limit(carrier: str) -> None:
    with site(packed_as(gzip.compress(b"x" * (LONGEST_ANSWER + 1)))) as served, pytest.raises(OutcomeUnknown):
        run(carrier, lambda http: http.write("POST", served.url, content=b"{}"))


@pytest.mark.parametrize(
    "sent", [b"not packed at all", gzip.compress(b"{}" * 100)[:-12]], ids=["plain", "cut"]
)
def test_an_answer_that_is_not_packed_as_it_says_is_no_answer(carrier: str, sent: bytes) -> None:
    with site(packed_as(sent)) as served, pytest.raises(OutcomeUnknown, match="not packed as it says"):
        run(carrier, lambda http: http.write("POST", served.url, content=b"{}"))


def test_a_packed_answer_is_unpacked_once(carrier: str) -> None:
    with site(packed_as(gzip.compress(b'{"id": "7"}'))) as served:
        reply = run(carrier, lambda http: http.write("POST", served.url, content=b"{}"))
    assert reply.json_object() == {"id": "7"}


def test_headers_are_found_in_any_case_and_joined_when_they_came_twice(carrier: str) -> None:
    def answer(connection: socket.socket, _: bytes) -> bool:
        connection.sendall(OK.replace(b"\r\n\r\n", b"\r\nVary: a\r\nvary: b\r\nX-Total: 7\r\n\r\n"))
        return True

    with site(answer) as served:
        headers = run(carrier, lambda http: http.read(served.url)).headers
    assert [headers.get(name) for name in ("x-total", "X-TOTAL", "Vary", "none")] == ["7", "7", "a, b", None]


def test_a_header_cannot_bring_another(carrier: str) -> None:
    with site(kindly) as served:
        with pytest.raises(NotSent):
            run(carrier, lambda http: http.write("POST", served.url, headers={"X-Name": "a\r\nX-Other: b"}))
        assert served.requests == []


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\n\r\n{}",
    ],
    ids=["hints", "chunks", "close", "old"],
)
def test_an_answer_ends_where_http_says(carrier: str, sent: bytes) -> None:
    def answer(connection: socket.socket, _: bytes) -> bool:
        connection.sendall(sent)
        return b"Length" in sent or b"chunked" in sent

    async def twice(http: Http) -> list[bytes]:
        return [(await http.write("POST", served.url, content=body)).content for body in (b"1", b"2")]

    with site(answer) as served:
        assert run(carrier, twice) == [b"{}", b"{}"]
        assert len(served.requests) == 2


@pytest.mark.parametrize("late", [b"408 Request Timeout", b"200 OK"])
def test_what_is_said_unasked_is_no_answer(carrier: str, late: bytes) -> None:
    """As the 408 of a server tired of an idle connection, which came with the answer before it."""

    def answer(connection: socket.socket, request: bytes) -> bool:
        unasked = b"HTTP/1.1 %s\r\nContent-Length: 7\r\n\r\nunasked" % late
        connection.sendall(OK + unasked if b"first" in request else OK)
        return True

    with site(answer) as served:
        assert run(carrier, lambda http: _twice(http, served.url)) == [b"{}", b"{}"]
        assert served.connections == 2


def test_what_is_said_unasked_over_tls_is_no_answer(tmp_path: Path) -> None:
    """Held back by the kernel until both are there, in two records: the second waits to be deciphered."""

    def answer(connection: socket.socket, request: bytes) -> bool:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        connection.sendall(OK)
        if b"first" in request:
            connection.sendall(OK.replace(b"{}", b"[]"))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
        return True

    with site(answer, _trusted(tmp_path)) as served:
        assert run("httpx", lambda http: _twice(http, served.url)) == [b"{}", b"{}"]
        assert served.connections == 2
    trust.cache_clear()


@pytest.mark.parametrize(("tls", "size"), [(False, ONE_READ), (True, ONE_READ - 4 * CIPHER)])
def test_what_was_read_beyond_a_long_answer_is_no_answer(tls: bool, size: int, tmp_path: Path) -> None:
    """asyncio reads more at once than httpcore takes: what is left waits where neither looks again."""
    asked, waiting, sent = threading.Event(), threading.Event(), threading.Event()

    def answer(connection: socket.socket, request: bytes) -> bool:
        if b"long" in request:
            asked.set()
            waiting.wait(30)
            connection.sendall(_answer_of(size))
            connection.sendall(OK.replace(b"{}", b"[]"))
            sent.set()
            time.sleep(0.05)
        else:
            connection.sendall(OK if b"last" in request else _answer_of(MANY_READS))
        return True

    async def act(http: Http) -> bytes:
        await http.write("POST", served.url, content=b"so that the next may come at once")
        long = asyncio.create_task(http.write("POST", served.url, content=b"long"))
        await asyncio.to_thread(asked.wait, 30)
        waiting.set()
        sent.wait(30)
        time.sleep(0.05)  # noqa: ASYNC251 - nothing is read until all of it has come
        await long
        return (await http.write("POST", served.url, content=b"last")).content

    with site(answer, _trusted(tmp_path) if tls else None) as served:
        assert run("httpx", act) == b"{}"
    trust.cache_clear()


def test_the_deadline_closes_the_connection(carrier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.http.DEADLINE_S", 0.3)
    closed = threading.Event()

    def silent(connection: socket.socket, _: bytes) -> bool:
        connection.settimeout(30)
        with suppress(ConnectionError):
            if connection.recv(1) == b"":
                closed.set()
        return False

    async def wait(http: Http) -> None:
        with pytest.raises(OutcomeUnknown):
            await http.write("POST", served.url, content=b"{}")
        await asyncio.to_thread(closed.wait, 30)

    with site(silent) as served:
        run(carrier, wait)
    assert closed.is_set()


def test_a_certificate_that_nobody_vouches_for_is_refused(carrier: str, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path / "server.pem"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_shake_hands, args=(listening, context))
        thread.start()
        port = listening.getsockname()[1]
        with pytest.raises(NotSent):
            run(carrier, lambda http: http.write("POST", f"https://127.0.0.1:{port}/", content=b"{}"))
        thread.join()


def test_a_connection_of_tls_is_kept_and_speaks_http_1(tmp_path: Path) -> None:
    context = _trusted(tmp_path)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with site(kindly, context) as served:

        async def twice(http: Http) -> None:
            await http.write("POST", served.url, content=b"first")
            await http.write("POST", served.url, content=b"x" * 1_000_000)

        run("httpx", twice)
        assert [len(request.partition(b"\r\n\r\n")[2]) for request in served.requests] == [5, 1_000_000]
        assert (served.connections, served.protocols) == (1, ["http/1.1"])
    trust.cache_clear()


def test_an_unknown_carrier_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carriers, "find_spec", lambda _: None)
    Http(carrier="auto")
    with pytest.raises(CarrierMissing, match=r"postroad\[fast\]"):
        Http(carrier="fast")


async def _twice(http: Http, url: str) -> list[bytes]:
    """What is taken for the answers to two writes, one well after the other."""
    first = await http.write("POST", url, content=b"first")
    await asyncio.sleep(0.05)
    return [first.content, (await http.write("POST", url, content=b"second")).content]


def _answer_of(size: int) -> bytes:
    """An answer of so many bytes, its head among them."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %07d\r\n\r\n"
    body = size - len(head % 0)
    return head % body + b"x" * body


def _trusted(folder: Path) -> ssl.SSLContext:
    """A server's side of TLS, vouched for until `trust` is forgotten."""
    file = self_signed(folder / "server.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    trust.cache_clear()
    trust().load_verify_locations(file)
    return context


def _shake_hands(listening: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = listening.accept()
    with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as tls:
        assert not tls.recv(1), "something was sent to a server that nobody vouches for"
