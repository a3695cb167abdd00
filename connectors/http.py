"""HTTP for connectors, with each failure named by what it means for the post.

The effect of a request decides what a failure means: a failed READ or STAGE changed nothing anyone sees,
a failed WRITE may have published. There are no retries and no redirects on this layer.
"""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from connectors.carriers import Host, Plain, carriers
from connectors.errors import Evidence, NotSent, OutcomeUnknown, PlatformChanged
from connectors.messages import Address, Carrier, EndlessAnswer, GarbledAnswer, Headers, Request
from connectors.quotas import quota_seen

WORDS_LIMIT = 500
TIMEOUT = httpx.Timeout(connect=5, read=30, write=30, pool=10)
DEADLINE_S = 90


class Unwritable(Exception):
    """The request holds a character that cannot be sent: no byte of it left."""


NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
    Unwritable,
)
NO_JSON = (ValueError, RecursionError)
HIDDEN = "[hidden]"


class Effect(Enum):
    """What the request does that people can see."""

    READ = "read"
    STAGE = "stage"
    WRITE = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer that arrived whole; `request` is 'VERB host' only, since paths may hold tokens."""

    status: int
    headers: Headers = field(repr=False)
    content: bytes = field(repr=False)
    request: str
    effect: Effect
    hide: tuple[str, ...] = field(default=(), repr=False)

    @property
    def ok(self) -> bool:
        """True for 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The parsed body; otherwise OutcomeUnknown for a WRITE and PlatformChanged for the rest."""
        try:
            return json.loads(self.content)
        except NO_JSON:
            raise self.unreadable("the answer is not JSON") from None

    def json_object(self) -> dict[str, Any]:
        """The parsed body when it is an object, with the same errors as `json`."""
        parsed = self.json()
        if not isinstance(parsed, dict):
            raise self.unreadable("the answer is not a JSON object")
        return parsed

    def json_or_empty(self) -> dict[str, Any]:
        """The parsed body, or an empty object when it is anything else: for reading error details."""
        try:
            parsed = json.loads(self.content)
        except NO_JSON:
            return {}
        return parsed if isinstance(parsed, dict) else {}

    def evidence(self, *, code: str | None = None, words: str | None = None) -> Evidence:
        """What to keep of this answer without what is hidden; `words` defaults to the start of the body."""
        said = words if words is not None else self.content.decode("utf-8", "replace")
        return Evidence(
            status=self.status,
            code=self._without_hidden(code) if code else None,
            words=self._without_hidden(said)[:WORDS_LIMIT],
            request=self.request,
            quota=quota_seen(self.headers),
        )

    def unreadable(self, reason: str) -> OutcomeUnknown | PlatformChanged:
        """The error for an answer this connector cannot read."""
        error = OutcomeUnknown if self.effect is Effect.WRITE else PlatformChanged
        return error(f"{reason} (HTTP {self.status})", evidence=self.evidence())

    def unexpected(self) -> NotSent | OutcomeUnknown | PlatformChanged:
        """The error for a status on no reviewed list: ambiguous for a WRITE, else try later or look."""
        if self.effect is Effect.WRITE:
            return OutcomeUnknown(f"unexpected HTTP {self.status}", evidence=self.evidence())
        if self.status >= 500 or self.status in (408, 425, 429):
            return NotSent(f"HTTP {self.status}", evidence=self.evidence())
        return PlatformChanged(f"unexpected HTTP {self.status}", evidence=self.evidence())

    def _without_hidden(self, words: str) -> str:
        for value in sorted(filter(None, self.hide), key=len, reverse=True):
            words = words.replace(value, HIDDEN)
        return words


class Http:
    """The connections of one event loop to each host; made after fork, closed with `aclose`.

    `carrier` is httpx, fast (the Rust client of the extra `fast`), or auto: fast where it is installed.
    A write that stalls is OutcomeUnknown too: asyncio keeps what it was given in a buffer of its own, so
    nobody can say that the last byte did not leave. `hide` names the values (tokens, passwords) that an
    answer may echo and evidence must never show.
    """

    def __init__(
        self,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        carrier: str = "httpx",
        agent: str = "Postroad",
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        self._make = _always(Plain(transport, timeout)) if transport else carriers(carrier, timeout)
        self._headers = {"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "gzip"}
        self._wait_s = timeout.pool
        self._hosts: dict[str, Host] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        await asyncio.gather(*(used.aclose() for used in {host.carrier for host in self._hosts.values()}))
        self._hosts.clear()

    async def read(self, url: str, *, hide: Collection[str] = (), **request: Any) -> Reply:
        """GET that changes nothing: failures are NotSent or PlatformChanged."""
        return await self.send(Effect.READ, "GET", url, hide=hide, **request)

    async def stage(self, method: str, url: str, *, hide: Collection[str] = (), **request: Any) -> Reply:
        """A request whose effect nobody sees (upload, draft): failures are NotSent or PlatformChanged."""
        return await self.send(Effect.STAGE, method, url, hide=hide, **request)

    async def write(self, method: str, url: str, *, hide: Collection[str] = (), **request: Any) -> Reply:
        """A request with a visible effect: anything short of a whole answer is OutcomeUnknown or NotSent."""
        return await self.send(Effect.WRITE, method, url, hide=hide, **request)

    async def send(
        self, effect: Effect, method: str, url: str, *, hide: Collection[str] = (), **request: Any
    ) -> Reply:
        """A request with this effect, whose failures are those of `read`, `stage` or `write`."""
        name = f"{method} {_hostname(url)}"
        try:
            async with asyncio.timeout(DEADLINE_S):
                answer = await self._host_of(asked := self._request(method, url, **request)).carry(asked)
            content = answer.content()
        except NEVER_SENT as error:
            tried = not isinstance(error, httpx.PoolTimeout)
            raise NotSent(_describe(error), tried=tried, evidence=Evidence(request=name)) from None
        except (httpx.HTTPError, TimeoutError, EndlessAnswer, GarbledAnswer, UnicodeError) as error:
            kind = OutcomeUnknown if effect is Effect.WRITE else NotSent
            raise kind(_describe(error), evidence=Evidence(request=name)) from None
        return Reply(
            status=answer.status,
            headers=answer.headers,
            content=content,
            request=name,
            effect=effect,
            hide=tuple(hide),
        )

    def _request(
        self,
        method: str,
        url: str,
        *,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **body: Any,
    ) -> Request:
        try:
            url, kind, content = _written(method, url, **body)
            described = {"Content-Type": kind} if kind else {}
            signed = {"Authorization": _basic(*auth)} if auth else {}
            merged = _merged(self._headers, described, signed, headers or {})
            "".join(merged.values()).encode("ascii")
            return Request(method=method, address=_address(url), headers=merged, body=content)
        except UnicodeError:
            raise Unwritable from None

    def _host_of(self, request: Request) -> Host:
        site = request.address.site
        if site not in self._hosts:
            self._hosts[site] = Host(self._make(), wait_s=self._wait_s)
        return self._hosts[site]


def _always(carrier: Carrier) -> Callable[[], Carrier]:
    return lambda: carrier


@lru_cache(maxsize=1_000)
def _hostname(url: str) -> str | None:
    return urlsplit(url).hostname


@lru_cache(maxsize=1_000)
def _address(url: str) -> Address:
    parsed = httpx.URL(url)
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise httpx.UnsupportedProtocol("no address of HTTP")
    return Address(url=str(parsed), site=f"{parsed.scheme}://{parsed.netloc.decode('ascii')}")


def _written(
    method: str, url: str, *, json: Any = None, content: bytes = b"", **form: Any
) -> tuple[str, str | None, bytes]:
    """The address, the type and the body; queries, forms and files are written by httpx."""
    if form:
        written = httpx.Request(method, url, json=json, content=content or None, **form)
        return str(written.url), written.headers.get("Content-Type"), written.read()
    if json is None:
        return url, None, content
    return url, "application/json", _as_json(json).encode()


def _merged(*parts: Mapping[str, str]) -> dict[str, str]:
    """Each name once, in whatever case: what comes later wins."""
    return dict({name.lower(): (name, value) for part in parts for name, value in part.items()}.values())


_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def _basic(user: str, password: str) -> str:
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def _describe(error: Exception) -> str:
    """Name the failure without the URL, which for some platforms holds the token."""
    return {
        httpx.ConnectTimeout: "connecting took too long",
        httpx.ConnectError: "could not connect",
        httpx.ReadTimeout: "no answer in time",
        TimeoutError: "the answer did not arrive whole in time",
        httpx.WriteTimeout: "sending took too long",
        EndlessAnswer: "the answer does not end",
        GarbledAnswer: "the answer is not packed as it says",
        Unwritable: "the request would hold a character that HTTP cannot carry",
        UnicodeDecodeError: "the answer is not written as it says",
        httpx.PoolTimeout: "too many requests in flight",
        httpx.RemoteProtocolError: "the connection was cut before the answer",
    }.get(type(error), f"network failure ({type(error).__name__})")
