"""Reading one cell of a table: each reader returns the value or raises Fault with what to mend."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones

from scheduler.core.problems import Problem
from scheduler.core.time import UnknownZone, zone
from scheduler.core.wording import N_

Reader = Callable[[str], Any]

NAME_LIMIT = 200
SEPARATORS = re.compile(r"[,，、;；\n]")
ZONES_BY_ANOTHER_CITY = {
    "beijing": "Asia/Shanghai",
    "pekin": "Asia/Shanghai",
    "peking": "Asia/Shanghai",
    "guangzhou": "Asia/Shanghai",
    "shenzhen": "Asia/Shanghai",
    "new_delhi": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata",
    "islamabad": "Asia/Karachi",
    "abu_dhabi": "Asia/Dubai",
    "ankara": "Europe/Istanbul",
    "geneva": "Europe/Zurich",
    "washington": "America/New_York",
    "brasilia": "America/Sao_Paulo",
}
MOST = 10**15
_COUNT = re.compile(r"\d+|\d{1,3}(?:[,_ ]\d{3})+", re.ASCII)
_EDGES = ("0001", "9999")
"""Years of which another zone may show one that Python cannot."""
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", re.ASCII)
_TIME = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?")


class Fault(ValueError):
    """A value that cannot be used; `message` is a msgid with `{names}` filled from `params`."""

    def __init__(self, message: str, **params: str | int) -> None:
        super().__init__(message.format(**params))
        self.message = message
        self.params = params

    def at(self, row: int | None, column: str | None) -> Problem:
        """The problem to show for this place in the table."""
        return Problem(message=self.message, params=self.params, row=row, column=column)


def read_cells(
    row: int, cells: Mapping[str, str], readers: Mapping[str, Reader]
) -> tuple[dict[str, Any], list[Problem]]:
    """(the values of the columns that read well, the problems of those that do not)."""
    values, problems = {}, []
    for column, read in readers.items():
        try:
            values[column] = read(cells.get(column, ""))
        except Fault as fault:
            problems.append(fault.at(row, column))
    return values, problems


def name(cell: str) -> str:
    """A name of at most 200 characters on one line; it must be there."""
    if not cell:
        raise Fault(N_("must not be empty"))
    return optional_name(cell)


def optional_name(cell: str) -> str:
    """A name of at most 200 characters on one line, or nothing."""
    if len(cell) > NAME_LIMIT:
        raise Fault(N_("is {count} characters long, {limit} are allowed"), count=len(cell), limit=NAME_LIMIT)
    if "\n" in cell:
        raise Fault(N_("must be on one line"))
    return cell


def one_of(known: Collection[str], *, default: str | None = None) -> Reader:
    """A reader for one of `known` words; `default` for an empty cell."""

    def read(cell: str) -> str:
        if not cell and default is not None:
            return default
        if cell.lower() not in known:
            raise not_known(cell, known)
        return cell.lower()

    return read


def not_known(word: str, known: Collection[str]) -> Fault:
    """The fault for a word outside a vocabulary, with the closest word, or else all of them."""
    if close := closest(word, known):
        return Fault(N_("“{word}” is not known: did you mean “{closest}”?"), word=word, closest=close)
    return Fault(N_("“{word}” is not known: use one of {known}"), word=word, known=", ".join(sorted(known)))


def whole_number(cell: str) -> int | None:
    """A count from 0 to 10^15, its groups of three set apart or not; None for anything else."""
    number = int(re.sub(r"[,_ ]", "", cell)) if _COUNT.fullmatch(cell) else None
    return number if number is not None and number <= MOST else None


def count(cell: str) -> int:
    """A count that is known; 0 says that it was counted and was nothing."""
    amount = whole_number(cell)
    if amount is None:
        message = N_("“{word}” is not a whole number from 0 on: leave the row out if it is not known")
        raise Fault(message, word=cell)
    return amount


def day(cell: str) -> date:
    """A calendar day, year first."""
    found = _DAY.fullmatch(cell)
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise Fault(N_("“{word}” is not a day: write 2026-11-23"), word=cell)


def source(cell: str) -> str:
    """Where a figure that a person enters comes from; it must be there."""
    if not cell:
        raise Fault(N_("must name the document or the person that the figure comes from"))
    return optional_name(cell)


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like this one, ignoring case; None when none is like it."""
    by_folded = {other.casefold(): other for other in known}
    found = get_close_matches(word.casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else None


def parts(cell: str) -> tuple[str, ...]:
    """The parts of a list separated by commas or semicolons, Chinese ones as well, each once and in order."""
    return tuple(dict.fromkeys(part.strip() for part in SEPARATORS.split(cell) if part.strip()))


def wall_time(cell: str) -> datetime:
    """A naive date and time as on a clock on the wall: year first (to 9998), seconds optional."""
    found = _TIME.fullmatch(cell)
    try:
        if found and found[1] not in _EDGES:
            return datetime(*(int(part) for part in found.groups("0")))  # type: ignore[arg-type] # noqa: DTZ001 - wall time has no zone
    except ValueError:
        raise Fault(N_("“{word}” is not a date and time that exists"), word=cell) from None
    raise Fault(N_("“{word}” is not a date and time: write 2026-11-23 09:30, without an offset"), word=cell)


def time_zone(cell: str) -> str:
    """The name of an IANA zone."""
    try:
        return zone(cell).key
    except UnknownZone:
        pass
    city = cell.casefold().rpartition("/")[2].replace(" ", "_")
    if close := ZONES_BY_ANOTHER_CITY.get(city) or closest(cell, available_timezones()):
        raise Fault(N_("no time zone “{word}”: did you mean “{closest}”?"), word=cell, closest=close)
    raise Fault(N_("no time zone “{word}”: write an IANA name such as Africa/Cairo"), word=cell)


def web_link(cell: str) -> str | None:
    """The address of a page, or None for an empty cell."""
    if cell and not _whole(cell):
        raise Fault(N_("“{word}” is not a web address: write https://…"), word=cell)
    return cell or None


def server(cell: str) -> str:
    """The address of a platform without a final slash; https, unless it is on this machine."""
    split = _whole(cell)
    if not split or split.query or split.fragment or split.username:
        raise Fault(N_("“{word}” is not the address of a server: write https://…"), word=cell)
    if split.scheme != "https" and not _is_loopback(split.hostname or ""):
        raise Fault(N_("“{word}” is not encrypted: write https://…"), word=cell)
    return cell.rstrip("/")


def _whole(address: str) -> SplitResult | None:
    try:
        split = urlsplit(address)
        usable = split.scheme in ("http", "https") and split.hostname and split.port != 0
    except ValueError:
        return None
    return split if usable and not re.search(r"\s", address) else None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
