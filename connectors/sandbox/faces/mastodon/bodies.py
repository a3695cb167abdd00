"""Request bodies: JSON or a form in Rails' spelling, turned into one closed dictionary."""

import re
from typing import Any

from connectors.sandbox.exchange import FORM, JSON, MULTIPART, Upload
from connectors.sandbox.faces.mastodon.turn import Turn, refuse

_LIST = re.compile(r"(\w+)\[\]")
_LIST_OF_OBJECTS = re.compile(r"(\w+)\[\]\[(\w+)\]")


def read_body(turn: Turn, *known: str) -> dict[str, Any]:
    """The body as a dictionary with no other fields than the known ones."""
    kind = turn.call.content_type
    if not turn.call.body:
        return {}
    if kind not in (JSON, FORM, MULTIPART):
        raise refuse(415, f"unsupported content type {kind or 'none'}")
    body = _read_json(turn) if kind == JSON else _read_form(turn.call.fields)
    if unknown := body.keys() - set(known):
        raise turn.invalid(f"unknown parameter {min(unknown)}")
    return body


def _read_json(turn: Turn) -> dict[str, Any]:
    try:
        body = turn.call.json()
    except ValueError:
        raise refuse(400, "Error occurred while parsing request parameters") from None
    if not isinstance(body, dict):
        raise turn.invalid("the body must be an object")
    return body


def _read_form(fields: list[tuple[str, str | Upload]]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in fields:
        if found := _LIST_OF_OBJECTS.fullmatch(name):
            _add_to_objects(body.setdefault(found[1], []), found[2], value)
        elif found := _LIST.fullmatch(name):
            body.setdefault(found[1], []).append(value)
        else:
            body[name] = value
    return body


def _add_to_objects(objects: list[dict[str, Any]], name: str, value: str | Upload) -> None:
    """Rails begins a new object when a field comes again."""
    if not objects or name in objects[-1]:
        objects.append({})
    objects[-1][name] = value
