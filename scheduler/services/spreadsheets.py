"""Tables as people send them: CSV in any Unicode encoding and with any usual separator, and XLSX."""

import csv
import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from scheduler.core.headings import HEADING_ROW
from scheduler.core.problems import Problem, Refused, refuse
from scheduler.core.wording import N_

XLSX, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
SEPARATORS = (",", ";", "\t")
NAMED_SEPARATOR = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)
"""A first line for Excel alone, which shows the rows after it from 1 on."""
ENCODINGS = {BOM_UTF8: "utf-8-sig", BOM_UTF16_LE: "utf-16", BOM_UTF16_BE: "utf-16"}
LIKELY_OTHERS = {"gb18030": "GBK (GB18030)", "cp1252": "Windows-1252"}
DECIMALS = 4
WHOLE_SECOND = timedelta(milliseconds=500)
NOT_UTF8 = N_("{path} is not UTF-8 (byte {position}), perhaps {likely}: save it as “CSV UTF-8” or .xlsx")
NOT_TEXT = N_("{path} is neither a text file nor a workbook: save it as “CSV UTF-8” or .xlsx")

Cells = Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row; `number` is the one a spreadsheet shows, `cells` are by heading and without outer space."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table: its headings in lower case, its rows that are not blank, and what could not be read."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def read_sheet(path: Path) -> Sheet:
    """The table in a CSV file, or in the first sheet of an XLSX file; Refused when it is neither.

    Dates and times are written `2026-11-23 09:30:00`; a formula gives its stored value.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise refuse(N_("cannot read {path}: {words}"), path=str(path), words=error.strerror or "") from None
    if content.startswith(OLD_EXCEL):
        raise refuse(N_("{path} is in the old Excel format: save it as .xlsx"), path=str(path))
    problems: list[Problem] = []
    lines = _read_xlsx(content, path, problems) if content.startswith(XLSX) else _read_csv(content, path)
    return _sheet([[cell.strip() for cell in line] for line in lines], path, problems)


def _sheet(lines: Sequence[Cells], path: Path, problems: Iterable[Problem]) -> Sheet:
    if not lines or not any(lines[0]):
        raise refuse(N_("{path} has no headings in its first row"), path=str(path))
    headings = [heading.lower() for heading in lines[0]]
    numbered = [(number, line) for number, line in enumerate(lines[1:], HEADING_ROW + 1) if any(line)]
    return Sheet(
        headings=tuple(heading for heading in headings if heading),
        rows=tuple(
            Row(number=number, cells={key: cell for key, cell in _under(headings, line) if key})
            for number, line in numbered
        ),
        problems=(*problems, *_homeless(headings, numbered)),
    )


def _under(headings: Cells, line: Cells) -> Iterator[tuple[str, str]]:
    """Each heading with its cell; a short row ends in empty ones."""
    return zip_longest(headings, line[: len(headings)], fillvalue="")


def _homeless(headings: Cells, numbered: Iterable[tuple[int, Cells]]) -> Iterator[Problem]:
    """Cells under no heading: a stray separator or quotation mark moved the rest of the row."""
    for number, line in numbered:
        for position, cell in enumerate(line):
            if cell and not (position < len(headings) and headings[position]):
                message = N_("cell {position} stands under no heading: “{start}”")
                yield Problem(
                    message=message, params={"position": position + 1, "start": cell[:40]}, row=number
                )


def _read_csv(content: bytes, path: Path) -> list[list[str]]:
    text = _decode(content, path)
    separator = max(SEPARATORS, key=text.partition("\n")[0].count)
    if named := NAMED_SEPARATOR.match(text):
        separator, text = named[1], text[named.end() :]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines: list[list[str]] = []
    try:
        lines.extend([_unix_lines(cell) for cell in line] for line in reader)
    except csv.Error as error:
        problem = Problem(
            message=N_("the file is not well formed from here on: {words}"),
            params={"words": str(error)},
            row=len(lines) + 1,
        )
        raise Refused([problem]) from None
    return lines


def _decode(content: bytes, path: Path) -> str:
    encoding = next((name for mark, name in ENCODINGS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        likely = None if b"\0" in content else _likely_encoding(content)
        if likely is None:
            raise refuse(NOT_TEXT, path=str(path)) from None
        position = error.start + 1
        raise refuse(NOT_UTF8, path=str(path), position=position, likely=likely) from None
    if "\0" in text:
        raise refuse(NOT_TEXT, path=str(path))
    return text


def _likely_encoding(content: bytes) -> str | None:
    for encoding, title in LIKELY_OTHERS.items():
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return title
    return None


def _read_xlsx(content: bytes, path: Path, problems: list[Problem]) -> list[list[str]]:
    """The first sheet read twice, for values and for formulas: one without a stored value must not vanish."""
    try:
        with io.BytesIO(content) as values, io.BytesIO(content) as formulas:
            pairs = zip(
                _first_sheet(values, data_only=True), _first_sheet(formulas, data_only=False), strict=True
            )
            return [
                [_cell(value, formula, number, problems) for value, formula in zip(*pair, strict=True)]
                for number, pair in enumerate(pairs, HEADING_ROW)
            ]
    except (InvalidFileException, BadZipFile, KeyError, ValueError, OSError) as error:
        raise refuse(
            N_("{path} is not a readable XLSX workbook: {words}"), path=str(path), words=str(error)
        ) from None


def _first_sheet(file: io.BytesIO, *, data_only: bool) -> Iterator[tuple[Any, ...]]:
    workbook: Workbook = load_workbook(file, read_only=True, data_only=data_only)
    sheet = workbook.worksheets[0]  # writers state wrong dimensions, which would cut rows off
    sheet.reset_dimensions()
    return sheet.iter_rows()


def _cell(value: Any, formula: Any, number: int, problems: list[Problem]) -> str:
    if formula.data_type == "f" and value.value is None:
        message = N_("the formula {formula} has no stored value: open the file in Excel and save it")
        params = {"formula": str(formula.value)}
        problems.append(Problem(message=message, params=params, row=number, column=formula.column_letter))
    if value.data_type == "e":
        message = N_("the cell shows the error {error}")
        params = {"error": str(value.value)}
        problems.append(Problem(message=message, params=params, row=number, column=value.column_letter))
    return _text(value.value, value.number_format or "")


def _text(value: object, number_format: str) -> str:
    """A cell's value as it would be typed: a share with its %, a date formatted without hours as a date."""
    match value:
        case None:
            return ""
        case datetime() if "h" in number_format.lower():
            return (value + WHOLE_SECOND).replace(microsecond=0).isoformat(sep=" ")
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case int() | float() if "%" in number_format:
            return f"{round(value * 100, DECIMALS):.10g}%"
        case float() if value.is_integer():
            return str(int(value))
        case str():
            return _unix_lines(str(unescape(value)))
        case _:
            return str(value)


def _unix_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
