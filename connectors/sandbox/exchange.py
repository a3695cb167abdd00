"""One request and one answer as values: faces are plain functions between the two."""

import functools
import json
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file part of a multipart form."""

    name: str
    mime_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request as a face sees it: `path` is below the face, header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    form: tuple[tuple[str, str | Upload], ...] = ()
    client: str = ""

    @property
    def content_type(self) -> str:
        """The media type without its parameters, in lower case; empty when none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @cached_property
    def arguments(self) -> list[tuple[str, str]]:
        """The query string in order, repeats kept."""
        return parse_qsl(self.query, keep_blank_values=True)

    @cached_property
    def fields(self) -> list[tuple[str, str | Upload]]:
        """The fields of an urlencoded or multipart body in order, repeats kept."""
        if self.content_type == FORM:
            return list(parse_qsl(self.body.decode(), keep_blank_values=True))
        return list(self.form)

    def changed(self, path: Sequence[str], change: Callable[[Any], Any]) -> "Call":
        """The call with a field of its JSON body changed; as it is where it has no such field."""
        try:
            body = self.json()
            place = functools.reduce(operator.getitem, path[:-1], body)
            place[path[-1]] = change(place[path[-1]])
        except (KeyError, IndexError, TypeError, ValueError):
            return self
        return replace(self, body=json.dumps(body).encode())

    def json(self) -> Any:
        """The parsed body; ValueError when it is not JSON."""
        return json.loads(self.body)

    def bearer(self) -> str | None:
        """The bearer token, or None when there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response before it meets the wire."""

    status: int = 200
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)

    def plus(self, headers: Mapping[str, str]) -> "Answer":
        """The same answer with more headers; its own win."""
        return Answer(status=self.status, body=self.body, headers={**headers, **self.headers})


def answer_json(content: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """A JSON answer in UTF-8."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(
        status=status,
        body=body,
        headers={"content-type": "application/json; charset=utf-8", **(headers or {})},
    )


class Refused(Exception):
    """A face refuses a call; `answer` is what the platform would say."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer
