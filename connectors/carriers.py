"""Who carries requests to a host, and how many at a time."""

import asyncio
from collections.abc import AsyncIterable, Callable
from functools import cache, lru_cache, partial
from importlib import import_module
from importlib.util import find_spec
from typing import cast

import httpx

from connectors.lanes import Lanes
from connectors.messages import Answer, Carrier, Headers, Request, whole

IN_FLIGHT = 256


class CarrierMissing(Exception):
    """The fast carrier was asked for and is not installed."""


class Host:
    """The connections to one host, used by so many requests at a time."""

    def __init__(self, carrier: Carrier, *, wait_s: float | None) -> None:
        self.carrier = carrier
        self._wait_s = wait_s
        self._turns = asyncio.Semaphore(IN_FLIGHT)

    async def carry(self, request: Request) -> Answer:
        """Wait until one more request may be in flight; PoolTimeout when that takes too long."""
        await self._take_turn()
        try:
            return await self.carrier.carry(request)
        finally:
            self._turns.release()

    async def _take_turn(self) -> None:
        if not self._turns.locked():
            await self._turns.acquire()
            return
        try:
            async with asyncio.timeout(self._wait_s):
                await self._turns.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout("too many requests in flight") from None


class Plain:
    """Any transport of httpx."""

    def __init__(self, transport: httpx.AsyncBaseTransport, timeout: httpx.Timeout) -> None:
        self._transport = transport
        self._extensions = {"timeout": timeout.as_dict()}

    async def carry(self, request: Request) -> Answer:
        """Send once and wait for the whole answer."""
        answer = await self._transport.handle_async_request(
            httpx.Request(
                request.method,
                _parsed(request.address.url),
                headers=request.headers,
                content=request.body,
                extensions=self._extensions,
            )
        )
        try:
            body = await whole(cast("AsyncIterable[bytes]", answer.stream))
            return Answer(answer.status_code, Headers(answer.headers.multi_items()), body)
        finally:
            await answer.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()


_parsed = lru_cache(maxsize=1_000)(httpx.URL)


def require(carrier: str) -> None:
    """CarrierMissing when `fast` is asked for and its extra is not installed."""
    if carrier == "fast" and not _fast_installed():
        raise CarrierMissing("the fast HTTP transport is not installed: pip install 'postroad[fast]'")


def carriers(carrier: str, timeout: httpx.Timeout) -> Callable[[], Carrier]:
    """What gives a host its connections: `httpx`, `fast` (CarrierMissing without its extra) or `auto`.

    Fast has one carrier for all hosts: it keeps their connections apart by itself.
    """
    require(carrier)
    if carrier == "httpx" or not _fast_installed():
        return lambda: Plain(Lanes(), timeout)
    make: Callable[[httpx.Timeout], Carrier] = import_module("connectors.fast").Fast
    return cache(partial(make, timeout))


def _fast_installed() -> bool:
    return find_spec("pyqwest") is not None
