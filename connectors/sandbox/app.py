"""The HTTP application: each face under its path, the control API under /_sandbox/."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from connectors.sandbox.commands import Commands
from connectors.sandbox.exchange import MULTIPART, Answer, Call, Upload, answer_json
from connectors.sandbox.faces import Face
from connectors.sandbox.faults import Faults, Scene, play
from connectors.sandbox.log import Effect
from connectors.sandbox.wire import Wire
from connectors.sandbox.world import World

MAX_PARTS = 100
REACT_EVERY_S = 5
READS = ("GET", "HEAD", "OPTIONS")


def build_app(world: World, faces: Mapping[str, Face], faults: Faults, *, lively: bool = False) -> Starlette:
    """One Starlette application over one world; `lively` lets the audience react without being asked."""
    commands = Commands(world, faces, faults)
    endpoints = [Mount(f"/{name}", FaceEndpoint(world, face, faults)) for name, face in faces.items()]

    @contextlib.asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        reacting = asyncio.create_task(_react_for_ever(commands)) if lively else None
        yield
        if reacting:
            reacting.cancel()

    return Starlette(routes=[Mount("/_sandbox", ControlEndpoint(commands)), *endpoints], lifespan=life)


async def _react_for_ever(commands: Commands) -> None:
    while True:
        await asyncio.sleep(REACT_EVERY_S)
        commands.run("react", {})


class FaceEndpoint:
    """One platform on the wire: its faults first, then its answer."""

    def __init__(self, world: World, face: Face, faults: Faults) -> None:
        self._world = world
        self._face = face
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        wire, path = Wire(scope, receive, send), _path_below(scope)
        exchange = Exchange(self._world, self._face, Request(scope, receive), path)
        fault = self._faults.take(self._face.name, scope["method"], path)
        try:
            if fault is None:
                await wire.send(await exchange.apply())
            else:
                done = self._faults.done
                await play(Scene(fault=fault, face=self._face, wire=wire, exchange=exchange, done=done))
        except ClientDisconnect:
            return
        finally:
            if fault and not exchange.applied:
                exchange.note("stopped", f"fault {fault.kind}")


class Exchange:
    """One request on its way to a face: it can be read first and take effect later."""

    def __init__(self, world: World, face: Face, request: Request, path: str) -> None:
        self.applied = False
        self._world = world
        self._face = face
        self._request = request
        self._path = path
        self._call: Call | Answer | None = None

    async def read(self) -> Call | Answer:
        """The whole request, or the 400 that a broken form deserves; read once, kept from then on."""
        if self._call is None:
            self._call = await read_call(self._request, self._path)
        return self._call

    async def apply(self) -> Answer:
        """Let the platform act on the request, in no time."""
        return self._act(await self.read())

    async def mistake(self, asked: str, answered: str) -> Answer:
        """Let it act as if path and query held `answered` where they hold `asked`."""
        call = await self.read()
        if isinstance(call, Call):
            path, query = (part.replace(asked, answered) for part in (call.path, call.query))
            call = replace(call, path=path, query=query)
        return self._act(call)

    async def shorten(self, field: Sequence[str], change: Callable[[Any], Any]) -> Answer:
        """Let it act as if a field of the body had been sent `change`d."""
        call = await self.read()
        return self._act(call.changed(field, change) if isinstance(call, Call) else call)

    def _act(self, call: Call | Answer) -> Answer:
        self.applied = True
        with self._world.lock:
            answer = call if isinstance(call, Answer) else self._face.answer(call)
            if answer.status >= 400:
                self.note("refused", f"HTTP {answer.status}")
        return answer

    def note(self, effect: Effect, why: str) -> None:
        """Write down a changing request that had no effect; the path's last part only, tokens stay out."""
        if self._request.method not in READS:
            tail = self._path.rstrip("/").rpartition("/")[2]
            self._world.record_failure(self._face.name, effect, f"{self._request.method} {tail}: {why}")


class ControlEndpoint:
    """POST /_sandbox/COMMAND with a JSON object of its fields; answers {"result"}, or 400 {"error"}.

    GET /_sandbox/ answers with the commands there are.
    """

    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one command."""
        request = Request(scope, receive)
        try:
            wanted = json.loads(await request.body() or b"{}")
            answer = answer_json(self._commands.run(_path_below(scope).strip("/") or "help", wanted))
        except (LookupError, TypeError, ValueError) as problem:
            answer = answer_json({"error": str(problem)}, status=400)
        await Wire(scope, receive, send).send(answer)


async def read_call(request: Request, path: str) -> Call | Answer:
    """The whole request as a value, or the 400 that a broken form deserves."""
    body = await request.body()
    form: Sequence[tuple[str, str | Upload]] = ()
    if request.headers.get("content-type", "").startswith(MULTIPART):
        try:
            form = await _read_form(request)
        except HTTPException as problem:
            return answer_json({"error": problem.detail}, status=400)
    return Call(
        method=request.method,
        path=path,
        query=request.url.query,
        headers=request.headers,
        body=body,
        form=tuple(form),
        client=request.client.host if request.client else "",
    )


async def _read_form(request: Request) -> list[tuple[str, str | Upload]]:
    fields: list[tuple[str, str | Upload]] = []
    async with request.form(max_files=MAX_PARTS, max_fields=MAX_PARTS) as form:
        for name, value in form.multi_items():
            fields.append((name, await _read_part(value) if isinstance(value, UploadFile) else value))
    return fields


async def _read_part(part: UploadFile) -> Upload:
    return Upload(name=part.filename or "", mime_type=part.content_type or "", content=await part.read())


def _path_below(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))
