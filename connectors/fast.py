"""Connections by a Rust client (pyqwest: reqwest and hyper): the extra `fast`.

hyper repeats a request by itself in one case only, which nobody can see: a kept connection turned out to be
closed before the request was taken up, so that no byte of it was written (hyper 1, read 2026-11-22).
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from functools import cache
from typing import TypeAlias

import httpx
import pyqwest

from connectors.lanes import KEEP_S, trust
from connectors.messages import Answer, Headers, Request, whole

SLOWEST_UPLOAD = 256 * 1024
NOWHERE = "http://127.0.0.1:9"
EVERY_HOST = "*,0.0.0.0/0,::/0"  # the star means every name and no address (pyqwest 0.12)
Buffer: TypeAlias = bytes | memoryview | bytearray


class Fast:
    """HTTP/1.1 without retries, redirects, cookies, decompression or the environment's proxies.

    Errors are httpx's; those of connecting are raised only while no byte of the request can have left.
    """

    def __init__(self, timeout: httpx.Timeout) -> None:
        self._read_s = timeout.read or 0.0
        self._client = pyqwest.HTTPTransport(
            tls_ca_cert=_certificates(),
            http_version=pyqwest.HTTPVersion.HTTP1,
            proxy=pyqwest.Proxy(NOWHERE, no_proxy=EVERY_HOST),
            connect_timeout=timeout.connect,
            pool_idle_timeout=KEEP_S,
            pool_max_idle_per_host=1000,
            enable_gzip=False,
            enable_brotli=False,
            enable_zstd=False,
            use_system_dns=True,
            follow_redirects=False,
            enable_otel=False,
        )

    async def carry(self, request: Request) -> Answer:
        """Send once. The wait for the answer begins with the upload, so a large body is waited for longer."""
        prepared = _prepare(request)
        try:
            async with asyncio.timeout(self._read_s + len(request.body) / SLOWEST_UPLOAD):
                answer = await self._client.execute(prepared)
        except Exception as error:
            raise _as_httpx(error) from error
        try:
            body = await whole(_pieces(answer, self._read_s))
            return Answer(answer.status, Headers(answer.headers.items()), body)
        finally:
            await answer.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()


async def _pieces(answer: pyqwest.Response, read_s: float) -> AsyncIterator[bytes]:
    """The body, each piece waited for at most `read_s`; where its length is told, no further."""
    told = answer.headers.get("content-length", "")
    left = int(told) if told.isdecimal() else -1
    while left and (piece := await _next(answer.content, read_s)) is not None:
        left -= len(piece)
        yield bytes(piece)


async def _next(content: AsyncIterator[Buffer], read_s: float) -> Buffer | None:
    try:
        async with asyncio.timeout(read_s):
            return await anext(content, None)
    except TimeoutError as error:
        raise httpx.ReadTimeout("no answer in time") from error
    except Exception as error:
        raise httpx.ReadError(type(error).__name__) from error


def _prepare(request: Request) -> pyqwest.Request:
    """The same request, its host and framing left to hyper; LocalProtocolError when it cannot be sent."""
    headers = [*request.headers.items()]
    if not request.body and request.method in ("POST", "PUT", "PATCH"):
        headers.append(("Content-Length", "0"))
    try:
        return pyqwest.Request(request.method, request.address.url, pyqwest.Headers(headers), request.body)
    except ValueError as error:
        raise httpx.LocalProtocolError(str(error)) from error


def _as_httpx(error: Exception) -> httpx.TransportError:
    """What httpx would have raised. pyqwest names a failure of connecting, and nothing else, by these two."""
    if isinstance(error, pyqwest.ConnectTimeout):
        return httpx.ConnectTimeout("connecting took too long")
    if type(error) is ConnectionError:
        return httpx.ConnectError("could not connect")
    if isinstance(error, TimeoutError):
        return httpx.ReadTimeout("no answer in time")
    return httpx.RemoteProtocolError(type(error).__name__)


@cache
def _certificates() -> bytes:
    """Those that httpx believes, as PEM."""
    return "".join(map(ssl.DER_cert_to_PEM_cert, trust().get_ca_certs(binary_form=True))).encode()
