"""How the command talks: tables for people, JSON for machines."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime

import typer

from scheduler.cli.wording import _

JSON = typer.Option(False, "--json", help=_("print JSON"))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table, without a head where no column has a name; of no rows nothing.

    Cells are plain text, never markup.
    """
    # what a person types in a hurry, as pause, draws none and need not wait for this
    from scheduler.cli.tables import draw  # noqa: PLC0415

    cells = [["" if value is None else str(value) for value in row] for row in rows]
    if cells:
        draw(columns, cells)


def out_is_read() -> bool:
    """Whether a person looks at standard output, and no file or program takes it."""
    return sys.stdout.isatty()


def show_json(value: object) -> None:
    """Print one JSON document: dataclasses as objects, instants as ISO 8601 in UTC.

    Letters are escaped where the stream is not in UTF-8: else it might lack some.
    """
    escaped = (sys.stdout.encoding or "").lower() not in ("utf-8", "utf8")
    json.dump(value, sys.stdout, ensure_ascii=escaped, indent=2, default=_plain)
    sys.stdout.write("\n")


def show_line(text: str) -> None:
    """Print a sentence as it is."""
    typer.echo(text)


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset):
        return sorted(value)
    return str(value)
