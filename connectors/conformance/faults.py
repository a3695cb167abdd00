"""What can go wrong with one HTTP exchange, as values the relay applies."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer; `sent` < 1 declares the whole length and sends that share of the body."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: float = 1.0


Fault: TypeAlias = Callable[[Callable[[], Answer]], Answer | None]
"""Given a way to forward the request, what to answer; None closes the connection without an answer."""


def instead(answer: Answer) -> Fault:
    """The platform never gets the request."""
    return lambda _forward: answer


def after(answer: Answer) -> Fault:
    """The platform does it, and something between answers this."""
    return rewritten(lambda _: answer)


def rewritten(change: Callable[[Answer], Answer]) -> Fault:
    """The platform does it, and its answer arrives changed."""
    return lambda forward: change(forward())


def cut(answer: Answer) -> Answer:
    """The answer with half of its body missing."""
    return replace(answer, sent=0.5)


def malformed(answer: Answer) -> Answer:
    """The answer with a body that is whole and no longer JSON."""
    return replace(answer, body=answer.body[:-1])


def with_unknown_fields(answer: Answer) -> Answer:
    """The answer with a field nobody has heard of in each JSON object of it."""
    try:
        return replace(answer, body=json.dumps(_stuffed(json.loads(answer.body))).encode())
    except ValueError:
        return answer


def lost_before(_forward: Callable[[], Answer]) -> None:
    """The connection closes; the platform never got the request."""


def lost_after(forward: Callable[[], Answer]) -> None:
    """The platform does it; the connection closes before the answer."""
    forward()


def _stuffed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _stuffed(part) for key, part in value.items()} | {"futureField": {"kind": "unheard-of"}}
    return [_stuffed(part) for part in value] if isinstance(value, list) else value
