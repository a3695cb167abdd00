"""Connections by httpx alone, spread so that many requests in flight cost no more than few."""

import asyncio
import ssl
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import cache
from importlib.util import find_spec
from typing import Any

import httpx

KEEP_S = 4
"""Less than the 5 s after which Apache, Node and uvicorn hang up by default (2026-11): a request that meets
the hanging up is cut, and nobody knows whether it arrived. One in 120 did at one request every five seconds.
"""

# httpcore asks for this package some five times a request. Where it is absent each time would look through
# every folder of the path: more than half of what a request costs (httpcore 1.0, 2026-11-22).
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]


class Lanes(httpx.AsyncBaseTransport):
    """Connections that each have a pool of their own: as many as there are requests in flight.

    httpx's pool looks at all its connections and waiting requests at each step: with 64 in flight a request
    costs 13 ms of CPU, in lanes 1.1 ms (httpx 0.28 on a busy machine, 2026-11-22).
    """

    def __init__(self) -> None:
        self._idle: deque[tuple[float, httpx.AsyncHTTPTransport]] = deque()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send on the quiet connection used last, or on a new one; a lane that failed is not used again."""
        lane = await self._take()
        try:
            answer = await lane.handle_async_request(request)
        except BaseException:
            await lane.aclose()
            raise
        if isinstance(answer.stream, httpx.AsyncByteStream):
            answer.stream = _OnLane(answer.stream, lambda: self._give_back(lane))
        return answer

    async def aclose(self) -> None:
        """Close the idle connections; a busy one is closed by whoever uses it."""
        await asyncio.gather(*(lane.aclose() for _, lane in self._idle))
        self._idle.clear()

    async def _take(self) -> httpx.AsyncHTTPTransport:
        while self._idle:
            _, lane = self._idle.pop()
            if _is_quiet(lane):
                return lane
            await lane.aclose()
        return _lane()

    async def _give_back(self, lane: httpx.AsyncHTTPTransport) -> None:
        """Keep this one, and close those that were idle for too long."""
        self._idle.append((time.monotonic(), lane))
        while self._idle[0][0] < time.monotonic() - KEEP_S:
            await self._idle.popleft()[1].aclose()


class _OnLane(httpx.AsyncByteStream):
    """A body whose end frees its lane."""

    def __init__(self, body: httpx.AsyncByteStream, give_back: Callable[[], Awaitable[None]]) -> None:
        self._body = body
        self._give_back = give_back

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._body:
            yield piece

    async def aclose(self) -> None:
        await self._body.aclose()
        await self._give_back()


def _is_quiet(lane: httpx.AsyncHTTPTransport) -> bool:
    """True when nothing that came with an answer was left over; False as well when nobody can tell.

    httpcore looks for what came later, on the socket; what it had read by then it takes for the answer to the
    next request, and what waits to be deciphered, or was read by asyncio beyond the 64 KiB that httpcore
    takes at once, too (httpcore 1.0 and anyio 4.16, 2026-11-23). Where a name is gone no connection is kept.
    """
    try:
        pool: Any = lane._pool  # noqa: SLF001 - nothing public shows what was left over
        (connection,) = pool.connections
        kept = connection._connection  # noqa: SLF001 - as above
        stream = kept._network_stream._stream  # noqa: SLF001 - as above
        left_over, _ = kept._h11_state.trailing_data  # noqa: SLF001 - as above
        enciphered = 0
        if hasattr(stream, "transport_stream"):
            enciphered = stream._read_bio.pending  # noqa: SLF001 - as above
            stream = stream.transport_stream
        unread = stream._protocol.read_queue  # noqa: SLF001 - as above
    except (AttributeError, ValueError):
        return False
    return not (left_over or enciphered or unread)


def _lane() -> httpx.AsyncHTTPTransport:
    one = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEP_S)
    return httpx.AsyncHTTPTransport(verify=trust(), trust_env=False, limits=one)


@cache
def trust() -> ssl.SSLContext:
    """Whose certificates are believed: httpx's own list, whatever the environment says."""
    return httpx.create_ssl_context(trust_env=False)
