"""Reading one setting from its text, by the type of its field and by what it may be."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isinf
from pathlib import Path
from types import NoneType
from typing import Any, NewType, get_args
from zoneinfo import ZoneInfo

Secret = NewType("Secret", str)
"""Text that no repr of the settings shows."""

ZoneName = NewType("ZoneName", str)
"""The name of an IANA time zone that this machine knows."""


def N_(message: str) -> str:  # noqa: N802 - the conventional gettext marker; config imports nothing of ours
    """The msgid itself; it is translated where it is shown."""
    return message


NO_ZONE = N_("no time zone “{word}”: write an IANA name such as Africa/Cairo")
AT_LEAST, BETWEEN = N_("it has to be {least} or more"), N_("it has to be from {least} to {most}")


class WrongValue(ValueError):
    """A value that cannot be used: why, as a msgid and what fills it in; its text is English."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message.format(**params))
        self.message, self.params = message, params


class WrongSettings(ValueError):
    """Values that cannot be used: the name of each setting, and what is wrong with it."""

    def __init__(self, wrong: Mapping[str, WrongValue]) -> None:
        super().__init__("; ".join(f"{name}: {why}" for name, why in wrong.items()))
        self.wrong = wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a setting is for, and which values it takes; `example` shows people what fits the pattern."""

    words: str
    pattern: str = ""
    example: str = ""
    at_least: float = float("-inf")
    at_most: float = float("inf")


def kind_of(annotation: object) -> object:
    """The type of a setting, whether or not it may be None."""
    return next(kind for kind in get_args(annotation) or (annotation,) if kind is not NoneType)


def read(text: str, annotation: object, meaning: Meaning) -> Any:
    """The value of a setting; WrongValue says why it is none."""
    value = _READERS[kind_of(annotation)](text)
    if meaning.pattern and not re.fullmatch(meaning.pattern, text):
        raise WrongValue(N_("write it like {example}"), example=meaning.example)
    if isinstance(value, int | float) and not meaning.at_least <= value <= meaning.at_most:
        message = AT_LEAST if isinf(meaning.at_most) else BETWEEN
        raise WrongValue(message, least=f"{meaning.at_least:g}", most=f"{meaning.at_most:g}")
    return value


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise WrongValue(N_("it has to be a whole number")) from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise WrongValue(N_("it has to be a number")) from None


def _zone_name(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (ValueError, OSError, LookupError):
        raise WrongValue(NO_ZONE, word=text) from None


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()


_READERS: Mapping[object, Callable[[str], Any]] = {
    Path: _path,
    Secret: str,
    ZoneName: _zone_name,
    float: _number,
    int: _whole_number,
    str: str,
}
