"""One request and its answer, whoever carries them."""

import zlib
from collections.abc import AsyncIterable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

LONGEST_ANSWER = 10_000_000


class EndlessAnswer(Exception):
    """The answer is longer than any platform's."""


class GarbledAnswer(Exception):
    """The answer is not packed as it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a request goes, in ASCII; `site` is the same for all addresses of one server.

    Paths may hold tokens, so they are not shown.
    """

    url: str = field(repr=False)
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is sent once; the length of the body and the Host header are left to the carrier."""

    method: str
    address: Address
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Headers(Mapping[str, str]):
    """Values by name in any case; those of a name that came twice are joined by commas."""

    __slots__ = ("_values",)

    def __init__(self, received: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, str] = {}
        for received_name, value in received:
            name = received_name.lower()
            self._values[name] = f"{self._values[name]}, {value}" if name in self._values else value

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, its body as it was on the wire."""

    status: int
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)

    def content(self) -> bytes:
        """The body unpacked; EndlessAnswer when that is too long, GarbledAnswer when it cannot be."""
        packed = self.headers.get("content-encoding", "").lower() in ("gzip", "x-gzip")
        return _unpacked(self.body) if packed and self.body else self.body


class Carrier(Protocol):
    """Connections. `carry` raises httpx's errors, those of connecting only while nothing was sent."""

    async def carry(self, request: Request) -> Answer:
        """Send once and wait for the whole answer."""
        ...

    async def aclose(self) -> None:
        """Close the idle connections."""
        ...


async def whole(pieces: AsyncIterable[bytes]) -> bytes:
    """The pieces as one; EndlessAnswer as soon as there are too many."""
    body = bytearray()
    async for piece in pieces:
        body += piece
        if len(body) > LONGEST_ANSWER:
            raise EndlessAnswer
    return bytes(body)


def _unpacked(body: bytes) -> bytes:
    """No more than one byte beyond the limit is ever unpacked: a small body may stand for gigabytes."""
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        content = unpacking.decompress(body, LONGEST_ANSWER + 1)
    except zlib.error:
        raise GarbledAnswer from None
    if len(content) > LONGEST_ANSWER:
        raise EndlessAnswer
    if not unpacking.eof:
        raise GarbledAnswer
    return content
