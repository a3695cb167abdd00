"""Closed-schema checks in the manner of atproto lexicons: unknown fields are refused, which the PDS allows.

Messages follow the PDS ("grapheme too big (maximum 300, got 301) at $.text"; seen on PDS 0.5, 2026-11-22).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import regex

Check: TypeAlias = Callable[[Any, str], None]

_GRAPHEME = regex.compile(r"\X")
FORMATS: Mapping[str, "re.Pattern[str]"] = {
    "datetime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,20})?(Z|[+-]\d\d:\d\d)"),
    "language": re.compile(r"(i|[a-zA-Z]{2,3})(-[a-zA-Z0-9]{1,8})*"),
    "uri": re.compile(r"[a-z][a-z0-9+.-]*:[^\s]{1,8000}", re.IGNORECASE),
    "did": re.compile(r"did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]"),
    "at-uri": re.compile(r"at://[a-zA-Z0-9._:%-]+/[a-zA-Z0-9.-]+/[a-zA-Z0-9._:~-]+"),
    "cid": re.compile(r"b[a-z2-7]{58}"),
}


class Invalid(Exception):
    """The value breaks the lexicon; the message names the place as a JSON path."""


def text(*, max_bytes: int | None = None, max_graphemes: int | None = None, form: str = "") -> Check:
    """A string of at most so many UTF-8 bytes and graphemes, in a named format."""

    def check(value: Any, at: str) -> None:
        _of_type(value, str, at)
        _at_most("string too big", max_bytes, len(value.encode()), at)
        if max_graphemes is not None:
            _at_most("grapheme too big", max_graphemes, len(_GRAPHEME.findall(value)), at)
        if form and not FORMATS[form].fullmatch(value):
            raise Invalid(f"invalid {form} {value!r} at {at}")

    return check


def anything(value: Any, at: str) -> None:
    """Any object; its content is looked at elsewhere."""
    _of_type(value, dict, at)


def nullable(inner: Check) -> Check:
    """None, or what `inner` takes."""

    def check(value: Any, at: str) -> None:
        if value is not None:
            inner(value, at)

    return check


def boolean(value: Any, at: str) -> None:
    """True or false."""
    _of_type(value, bool, at)


def one_of(*values: str) -> Check:
    """Exactly one of these strings."""

    def check(value: Any, at: str) -> None:
        if value not in values:
            raise Invalid(f"expected one of {values!r} (got {value!r}) at {at}")

    return check


def whole(*, minimum: int = 0) -> Check:
    """An integer of at least `minimum`."""

    def check(value: Any, at: str) -> None:
        _of_type(value, int, at)
        if isinstance(value, bool) or value < minimum:
            raise Invalid(f"integer too small (minimum {minimum}, got {value}) at {at}")

    return check


def array(member: Check, *, maximum: int | None = None, minimum: int = 0) -> Check:
    """A list whose members all pass."""

    def check(value: Any, at: str) -> None:
        _of_type(value, list, at)
        _at_most("array too big", maximum, len(value), at)
        if len(value) < minimum:
            raise Invalid(f"array too small (minimum {minimum}, got {len(value)}) at {at}")
        for index, each in enumerate(value):
            member(each, f"{at}[{index}]")

    return check


def closed(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these properties and no others (`$type` is left to `union`)."""
    known = {**required, **(optional or {})}

    def check(value: Any, at: str) -> None:
        _of_type(value, dict, at)
        for name in required.keys() - value.keys():
            raise Invalid(f'missing required key "{name}" at {at}')
        for name, inner in value.items():
            if name in known:
                known[name](inner, f"{at}.{name}")
            elif name != "$type":
                raise Invalid(f'unexpected key "{name}" at {at}')

    return check


def union(members: Mapping[str, Check]) -> Check:
    """An object that says by `$type` which of the members it is."""

    def check(value: Any, at: str) -> None:
        _of_type(value, dict, at)
        member = members.get(str(value.get("$type")))
        if member is None:
            raise Invalid(f"unexpected $type {value.get('$type')!r} at {at}")
        member(value, at)

    return check


def image_blob(*, max_bytes: int) -> Check:
    """A reference to an uploaded image in its current form (`$type`, `ref.$link`, `mimeType`, `size`)."""
    shape = closed({"ref": closed({"$link": text(form="cid")}), "mimeType": text(), "size": whole()})

    def check(value: Any, at: str) -> None:
        union({"blob": shape})(value, at)
        _at_most("blob too big", max_bytes, value["size"], at)
        if not value["mimeType"].startswith("image/"):
            raise Invalid(f"blob of type {value['mimeType']!r} is not accepted (image/*) at {at}")

    return check


def _of_type(value: Any, kind: type, at: str) -> None:
    if not isinstance(value, kind):
        raise Invalid(f"expected {kind.__name__} (got {type(value).__name__}) at {at}")


def _at_most(problem: str, limit: int | None, count: int, at: str) -> None:
    if limit is not None and count > limit:
        raise Invalid(f"{problem} (maximum {limit}, got {count}) at {at}")
