"""Running the sandbox: in a thread for tests and the demo, or in the foreground for people."""

import asyncio
import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import uvicorn

from connectors.sandbox.app import build_app
from connectors.sandbox.control import SandboxControl
from connectors.sandbox.faces import Face
from connectors.sandbox.faces.bluesky import BlueskyFace
from connectors.sandbox.faces.mastodon import GOTOSOCIAL, MASTODON, MastodonFace
from connectors.sandbox.faces.telegram import TelegramFace
from connectors.sandbox.faces.wordpress import WordPressFace
from connectors.sandbox.faults import Faults
from connectors.sandbox.wire import OpenProtocol
from connectors.sandbox.world import World

HOST = "127.0.0.1"
START_LIMIT_S = 10
STOP_LIMIT_S = 10
TICK_S = 0.1


class _Server(uvicorn.Server):
    """Told to stop, it answers nobody from then on; uvicorn takes two rounds of 0.1 s for that."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told = asyncio.Event()
        self._closed = threading.Event()

    def stop(self) -> None:
        """From another thread; what is still being answered ends by itself within a second."""
        self.should_exit = True
        if self._loop:
            self._loop.call_soon_threadsafe(self._told.set)
        self._closed.wait(STOP_LIMIT_S)

    async def main_loop(self) -> None:
        """As uvicorn's, which looks whether to stop at each tick only."""
        self._loop = asyncio.get_running_loop()
        ticks = itertools.count()
        while not await self.on_tick(next(ticks)):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, with the doors closed first."""
        for server in self.servers:
            server.close()
        self._closed.set()
        await super().shutdown(sockets)


class SandboxServer:
    """The sandbox on a loopback port (0: a free one) while the `with` block lasts; `control` steers it."""

    def __init__(self, *, seed: int = 1, port: int = 0) -> None:
        self._seed = seed
        self._port = port
        self.url = ""

    def __enter__(self) -> Self:
        self._socket = _listen(self._port)
        self.url = _url(self._socket)
        self.control = SandboxControl(self.url)
        self._server = _make_server(seed=self._seed, url=self.url)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="sandbox", daemon=True
        )
        self._thread.start()
        self._wait_until_started()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()

    def _wait_until_started(self) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the sandbox did not start")
            time.sleep(0.005)


def serve(*, port: int = 0, seed: int = 1, ready: Callable[[str], None]) -> None:
    """Serve until interrupted, with an audience that reacts every few seconds by itself.

    `ready` is called with the URL once the port is open; OSError when it is taken.
    """
    with contextlib.closing(_listen(port)) as listening, contextlib.suppress(KeyboardInterrupt):
        url = _url(listening)
        ready(url)
        _make_server(seed=seed, url=url, lively=True).run(sockets=[listening])


def _make_server(*, seed: int, url: str, lively: bool = False) -> _Server:
    world = World(seed=seed, url=url)
    made: list[Face] = [
        BlueskyFace(world),
        MastodonFace(world, MASTODON),
        MastodonFace(world, GOTOSOCIAL),
        TelegramFace(world),
        WordPressFace(world),
    ]
    faces = {face.name: face for face in made}
    config = uvicorn.Config(
        build_app(world, faces, Faults(seed), lively=lively),
        http=OpenProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return _Server(config)


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # else Nagle stays on
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen(512)
    except OSError:
        listening.close()
        raise
    return listening


def _url(listening: socket.socket) -> str:
    return f"http://{HOST}:{listening.getsockname()[1]}"
