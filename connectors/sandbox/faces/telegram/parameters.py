"""Reading Bot API parameters: from the query, a form or JSON, against the method's closed list."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.exchange import FORM, JSON, MULTIPART, Answer, Call, Refused, Upload, answer_json


def failure(code: int, description: str, **parameters: Any) -> Answer:
    """The Bot API's error answer; the HTTP status repeats the code."""
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return answer_json({**body, **({"parameters": parameters} if parameters else {})}, status=code)


def bad_request(description: str) -> Refused:
    """400 with the words the Bot API uses."""
    return Refused(failure(400, f"Bad Request: {description}"))


@dataclass(frozen=True, slots=True)
class Shape:
    """The parameters of a method: needed, taken, and those of the real one that the sandbox lacks."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()
    unsimulated: frozenset[str] = frozenset()

    @property
    def takes_files(self) -> bool:
        """Whether further parts of the form may be files for `attach://`."""
        return bool(self.required & {"photo", "media"})


class Parameters:
    """A method's parameters; complex ones arrive as JSON text in forms and as JSON in a JSON body."""

    def __init__(self, call: Call, shape: Shape) -> None:
        given: dict[str, Any] = dict(call.arguments)
        given |= _body(call)
        self._files = {name: value for name, value in given.items() if isinstance(value, Upload)}
        self._values = given
        self._check(shape, given.keys() - (self._files.keys() if shape.takes_files else set()))

    def _check(self, shape: Shape, names: set[str]) -> None:
        for name in sorted(names):
            if name in shape.unsimulated:
                raise bad_request(f"the sandbox does not simulate parameter {name}")
            if name not in shape.required | shape.optional:
                raise bad_request(f"unknown parameter {name}")
        if missing := shape.required - self._values.keys():
            raise bad_request(_MISSING.get(min(missing), f'parameter "{min(missing)}" is required'))

    def file(self, name: str) -> str | Upload:
        """A file parameter: the file itself, the one that `attach://` names, or another reference."""
        return self._files.pop(name, None) or self.attached(self.text(name))

    def attached(self, reference: str) -> str | Upload:
        """The attached file of an `attach://NAME` reference; other references stay as they are."""
        if not reference.startswith("attach://"):
            return reference
        return self._files.pop(reference.removeprefix("attach://"), reference)

    def refuse_spare_files(self) -> None:
        """400 when a file came along that no parameter used."""
        if self._files:
            raise bad_request(f"attached file {min(self._files)} is not used")

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str:
        """A string; empty when absent."""
        value = self._values.get(name, "")
        if not isinstance(value, str):
            raise bad_request(f'field "{name}" must be of type String')
        return value

    def whole(self, name: str, default: int = 0) -> int:
        """An integer."""
        try:
            return int(self._values.get(name, default))
        except (TypeError, ValueError):
            raise bad_request(f'parameter "{name}" is invalid: it must be an Integer') from None

    def flag(self, name: str) -> bool:
        """A boolean: true/false in JSON, `true`, `True` or `1` in a form."""
        value = self._values.get(name, False)
        if isinstance(value, bool):
            return value
        if str(value).lower() not in ("true", "false", "1", "0", "yes", "no"):
            raise bad_request(f'field "{name}" must be of type Boolean')
        return str(value).lower() in ("true", "1", "yes")

    def complex(self, name: str, kind: type) -> Any:
        """A list or an object; an empty one when absent."""
        value = self._values.get(name)
        if value is None:
            return kind()
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise bad_request(f"can't parse {name} JSON object") from None
        if not isinstance(value, kind):
            raise bad_request(
                f"object expected as {name}" if kind is dict else f"expected an Array of {name}"
            )
        return value

    def chat(self, name: str = "chat_id") -> str:
        """A chat reference as text: `@name` or a number."""
        value = self._values.get(name)
        if isinstance(value, bool) or not isinstance(value, int | str) or not str(value):
            raise bad_request("chat_id is empty")
        return str(value)


_MISSING = {
    "text": "message text is empty",
    "chat_id": "chat_id is empty",
    "photo": "there is no photo in the request",
    "message_id": "message identifier is not specified",
}


def _body(call: Call) -> Mapping[str, Any]:
    if call.method == "GET" or not call.body:
        return {}
    if call.content_type in (FORM, MULTIPART):
        return dict(call.fields)
    if call.content_type != JSON:
        raise bad_request(f"unsupported content type {call.content_type or 'none'}")
    try:
        body = call.json()
    except ValueError:
        raise bad_request("can't parse request body JSON") from None
    if not isinstance(body, dict):
        raise bad_request("the JSON body must be an object")
    return body
