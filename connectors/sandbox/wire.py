"""The connection under a request, for answers that a well-behaved server never gives."""

import asyncio
import functools
import socket
import struct
from typing import cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from connectors.sandbox.exchange import Answer

TRANSPORT = "postroad.transport"


class OpenProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol that also hands the application its transport, as scope[TRANSPORT]."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Note the transport before the first request on it."""
        super().connection_made(transport)
        self.app = functools.partial(_with_transport, cast("ASGIApp", self.app), transport)


async def _with_transport(
    app: ASGIApp, transport: asyncio.Transport, scope: Scope, receive: Receive, send: Send
) -> None:
    scope[TRANSPORT] = transport
    await app(scope, receive, send)


class Wire:
    """Ways to answer one request, from properly to not at all."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._transport: asyncio.Transport = scope[TRANSPORT]
        self._receive = receive
        self._send = send

    async def send(self, answer: Answer) -> None:
        """Answer properly."""
        await self._start(answer)
        await self._body(answer.body, more=False)

    async def cut(self, answer: Answer) -> None:
        """Declare the whole length, send half of the body, hang up."""
        await self._start(answer)
        await self._body(answer.body[: len(answer.body) // 2], more=True)
        await self.close()

    async def drip(self, answer: Answer, *, pause_s: float, piece: int) -> None:
        """Answer properly but `piece` bytes at a time, `pause_s` seconds apart."""
        await self._start(answer)
        for start in range(0, len(answer.body), piece):
            await self._body(answer.body[start : start + piece], more=True)
            await asyncio.sleep(pause_s)
        await self._body(b"", more=False)

    async def close(self) -> None:
        """Hang up in an orderly way, whatever was promised."""
        self._transport.close()
        await self.wait()

    async def reset(self) -> None:
        """Break the connection with a TCP reset."""
        linger = struct.pack("ii", 1, 0)
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._transport.abort()
        await self.wait()

    async def wait(self) -> None:
        """Say nothing until the client has hung up."""
        while (await self._receive())["type"] != "http.disconnect":
            continue

    async def _start(self, answer: Answer) -> None:
        headers = {**answer.headers, "content-length": str(len(answer.body))}
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": answer.status, "headers": raw})

    async def _body(self, content: bytes, *, more: bool) -> None:
        await self._send({"type": "http.response.body", "body": content, "more_body": more})
