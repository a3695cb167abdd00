"""Who carries requests to a host, and how many at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec

import httpx

from connectors.lanes import Lanes

IN_FLIGHT = 256


class CarrierMissing(Exception):
    """The fast carrier was asked for and is not installed."""


class Host:
    """The connections to one host, used by so many requests at a time."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self.transport = transport
        self._turns = asyncio.Semaphore(IN_FLIGHT)

    @asynccontextmanager
    async def turn(self, wait_s: float | None) -> AsyncIterator[None]:
        """Wait until one more request may be in flight; PoolTimeout when that takes too long."""
        await self._take_turn(wait_s)
        try:
            yield
        finally:
            self._turns.release()

    async def _take_turn(self, wait_s: float | None) -> None:
        if not self._turns.locked():
            await self._turns.acquire()
            return
        try:
            async with asyncio.timeout(wait_s):
                await self._turns.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout("too many requests in flight") from None


def require(carrier: str) -> None:
    """CarrierMissing when `fast` is asked for and its extra is not installed."""
    if carrier == "fast" and not _fast_installed():
        raise CarrierMissing("the fast HTTP transport is not installed: pip install 'postroad[fast]'")


def transports(carrier: str, timeout: httpx.Timeout) -> Callable[[], httpx.AsyncBaseTransport]:
    """What gives a host its transport: `httpx`, `fast` (CarrierMissing without its extra) or `auto`.

    Fast has one transport for all hosts: it keeps their connections apart by itself.
    """
    require(carrier)
    if carrier == "httpx" or not _fast_installed():
        return Lanes
    make: Callable[[httpx.Timeout], httpx.AsyncBaseTransport] = import_module("connectors.fast").Fast
    return cache(partial(make, timeout))


def _fast_installed() -> bool:
    return find_spec("pyqwest") is not None
