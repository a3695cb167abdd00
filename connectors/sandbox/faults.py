"""Faults on order: what goes wrong with which request, and how each kind of fault plays out on the wire."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from connectors.sandbox.exchange import Answer, Call, answer_json
from connectors.sandbox.faces import Face
from connectors.sandbox.wire import Wire


class Exchange(Protocol):
    """A request that the platform may act on, now or later or never."""

    async def read(self) -> Call | Answer:
        """Take the whole request off the wire."""
        ...

    async def apply(self) -> Answer:
        """Let the platform act on it."""
        ...

    async def mistake(self, asked: str, answered: str) -> Answer:
        """Let the platform act as if path and query held `answered` where they hold `asked`."""
        ...

    async def shorten(self, field: Sequence[str], change: Callable[[Any], Any]) -> Answer:
        """Let the platform act as if a field of the body had been sent `change`d."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`match` is part of the path, `method` the verb or None for any; `chance` is drawn per request."""

    platform: str
    kind: str
    match: str = ""
    method: str | None = None
    chance: float = 1.0
    details: Mapping[str, Any] = field(default_factory=dict)

    def fits(self, platform: str, method: str, path: str) -> bool:
        """Whether this request is meant."""
        return self.platform == platform and self.match in path and self.method in (None, method)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a fault plays with; `done` are the calls whose repeats are refused."""

    fault: Fault
    face: Face
    wire: Wire
    exchange: Exchange
    done: set[object]


class Faults:
    """The faults still to come; the first that fits a request is used up by it."""

    def __init__(self, seed: int) -> None:
        self.done: set[object] = set()
        self._waiting: list[tuple[Fault, int]] = []
        self._random = random.Random(seed)  # noqa: S311  # a repeatable fault run, not a secret

    def add(self, fault: Fault, *, times: int) -> None:
        """Order a fault for the next `times` fitting requests; ValueError for an unknown kind."""
        if fault.kind not in PLAYS:
            raise ValueError(f"no fault {fault.kind!r}; there are {', '.join(sorted(PLAYS))}")
        self._waiting.append((fault, times))

    def clear(self) -> None:
        """Forget every fault still to come."""
        self._waiting.clear()

    def waiting(self) -> int:
        """How many faults are still to come."""
        return sum(times for _, times in self._waiting)

    def take(self, platform: str, method: str, path: str) -> Fault | None:
        """The fault this request meets, if any."""
        for index, (fault, times) in enumerate(self._waiting):
            if fault.fits(platform, method, path) and self._random.random() < fault.chance:
                self._waiting[index : index + 1] = [(fault, times - 1)] if times > 1 else []
                return fault
        return None


async def play(scene: Scene) -> None:
    """Answer a request the way its fault wants it."""
    await PLAYS[scene.fault.kind](scene)


async def _status(scene: Scene) -> None:
    await scene.wire.send(_ordered_answer(scene.fault))


async def _applied_status(scene: Scene) -> None:
    await scene.exchange.apply()
    await scene.wire.send(_ordered_answer(scene.fault))


async def _html(scene: Scene) -> None:
    body = b"<!DOCTYPE html><html><title>Maintenance</title><body>Back soon.</body></html>"
    await _maybe_apply(scene, default=False)
    await scene.wire.send(Answer(body=body, headers={"content-type": "text/html; charset=utf-8"}))


async def _error_body(scene: Scene) -> None:
    await _maybe_apply(scene, default=False)
    error = scene.face.error()
    await scene.wire.send(Answer(body=error.body, headers=error.headers))


async def _cut(scene: Scene) -> None:
    await scene.wire.cut(await scene.exchange.apply())


async def _malformed(scene: Scene) -> None:
    answer = await scene.exchange.apply()
    await scene.wire.send(
        Answer(status=answer.status, body=answer.body[: len(answer.body) // 2], headers=answer.headers)
    )


async def _drop_before(scene: Scene) -> None:
    await _hang_up(scene)


async def _drop_after(scene: Scene) -> None:
    await scene.exchange.apply()
    await _hang_up(scene)


async def _delay(scene: Scene) -> None:
    seconds = float(scene.fault.details.get("seconds", 1))
    if scene.fault.details.get("before"):
        await scene.exchange.read()
        await asyncio.sleep(seconds)
        await scene.wire.send(await scene.exchange.apply())
        return
    answer = await scene.exchange.apply()
    await asyncio.sleep(seconds)
    await scene.wire.send(answer)


async def _rate_limit(scene: Scene) -> None:
    await scene.wire.send(scene.face.rate_limited(scene.fault.details.get("retry_after")))


async def _drip(scene: Scene) -> None:
    details = scene.fault.details
    answer = await scene.exchange.apply()
    await scene.wire.drip(
        answer, pause_s=float(details.get("seconds", 0.05)), piece=int(details.get("piece", 16))
    )


async def _duplicate(scene: Scene) -> None:
    """The first of equal requests is done and its answer lost; every repeat is refused."""
    call = await scene.exchange.read()
    done = (call.path, call.form or call.body) if isinstance(call, Call) else call
    if done in scene.done:
        await scene.wire.send(_ordered_answer(scene.fault))
        return
    scene.done.add(done)
    await _drop_after(scene)


async def _mistaken(scene: Scene) -> None:
    details = scene.fault.details
    await scene.wire.send(await scene.exchange.mistake(str(details["asked"]), str(details["answered"])))


async def _cut_text(scene: Scene) -> None:
    """Applied with the beginning of its text, and answered as if nothing was missing."""
    keep = float(scene.fault.details.get("keep", 0.5))
    answer = await scene.exchange.shorten(scene.face.text_at, lambda text: text[: int(len(text) * keep)])
    await scene.wire.send(answer)


async def _lose_image(scene: Scene) -> None:
    """Applied without its last image, or without its featured one, and answered as if nothing was missing."""
    await scene.wire.send(await scene.exchange.shorten(scene.face.images_at, _fewer))


async def _silence(scene: Scene) -> None:
    await scene.exchange.read()
    await _maybe_apply(scene, default=False)
    await scene.wire.wait()


def _fewer(images: Any) -> Any:
    return images[:-1] if isinstance(images, list) else 0


async def _maybe_apply(scene: Scene, *, default: bool) -> None:
    if scene.fault.details.get("applied", default):
        await scene.exchange.apply()


async def _hang_up(scene: Scene) -> None:
    if scene.fault.details.get("reset"):
        await scene.wire.reset()
    else:
        await scene.wire.close()


def _ordered_answer(fault: Fault) -> Answer:
    status, body = int(fault.details.get("status", 503)), fault.details.get("body", "")
    headers = {name.lower(): str(value) for name, value in fault.details.get("headers", {}).items()}
    if isinstance(body, str):
        return Answer(status=status, body=body.encode(), headers={"content-type": "text/plain", **headers})
    return answer_json(body, status=status, headers=headers)


PLAYS: Mapping[str, Callable[[Scene], Awaitable[None]]] = {
    "status": _status,
    "applied_status": _applied_status,
    "html": _html,
    "error_body": _error_body,
    "cut": _cut,
    "malformed": _malformed,
    "drop_before": _drop_before,
    "drop_after": _drop_after,
    "delay": _delay,
    "rate_limit": _rate_limit,
    "drip": _drip,
    "duplicate": _duplicate,
    "mistaken": _mistaken,
    "silence": _silence,
    "cut_text": _cut_text,
    "lose_image": _lose_image,
}
