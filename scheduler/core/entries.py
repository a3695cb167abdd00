"""One row of a channels table as a value."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from connectors.counters.manual import PLATFORM as MANUAL
from scheduler.core.cells import Fault, Reader, name, one_of, parts, read_cells, server, time_zone
from scheduler.core.language_cells import language, region
from scheduler.core.problems import Problem
from scheduler.core.wording import N_

REQUIRED = ("channel", "platform", "base_url", "handle", "language", "region", "time_zone", "operator")
OPTIONAL = ("sets", "spacing_s")
LONGEST_SPACING_S = 86_400
_NAME = re.compile(r"[\w.\-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A channel as its row describes it; `row` is the spreadsheet's.

    `spacing_s` is the least time between two of its posts: 0 for none, None to leave it as it is.
    """

    row: int
    name: str
    platform: str
    base_url: str
    handle: str
    language: str
    region: str
    time_zone: str
    operator: str
    sets: tuple[str, ...]
    spacing_s: int | None

    @property
    def account(self) -> tuple[str, str, str]:
        """What two channels must not share."""
        return account_key(self.platform, self.base_url, self.handle)


def account_key(platform: str, base_url: str, handle: str) -> tuple[str, str, str]:
    """The same for every way of writing the same account."""
    return platform, base_url.casefold(), handle.casefold().lstrip("@")


def read_entry(
    row: int, cells: Mapping[str, str], platforms: Collection[str]
) -> tuple[Entry | None, list[Problem]]:
    """The channel of one row, or None and every problem of the row."""
    readers = _readers(platforms)
    if cells.get("platform", "").lower() == MANUAL:
        readers["base_url"] = optional_server
    values, problems = read_cells(row, cells, readers)
    if problems:
        return None, problems
    return Entry(row=row, name=values.pop("channel"), **values), []


def _readers(platforms: Collection[str]) -> dict[str, Reader]:
    return {
        "channel": channel_name,
        "platform": one_of(platforms),
        "base_url": server,
        "handle": name,
        "language": language,
        "region": region,
        "time_zone": time_zone,
        "operator": name,
        "sets": _sets,
        "spacing_s": spacing,
    }


def optional_server(cell: str) -> str:
    """The address of a server, or nothing: a screen or a newspaper needs none."""
    return server(cell) if cell else ""


def channel_name(cell: str) -> str:
    """A name that a selector can hold: letters of any script, digits, dot, hyphen, underscore."""
    return _plain(name(cell))


def spacing(cell: str) -> int | None:
    """Whole seconds up to a day, None for an empty cell."""
    if not cell:
        return None
    if not (cell.isdecimal() and len(cell) < 6 and int(cell) <= LONGEST_SPACING_S):
        raise Fault(N_("must be whole seconds from 0 to {most}"), most=LONGEST_SPACING_S)
    return int(cell)


def _sets(cell: str) -> tuple[str, ...]:
    return tuple(_plain(part) for part in parts(cell))


def _plain(word: str) -> str:
    if not _NAME.fullmatch(word):
        raise Fault(N_("“{word}”: only letters, digits, “.”, “-” and “_” may be in a name"), word=word)
    return word
