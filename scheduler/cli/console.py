"""How the command talks: tables for people, JSON for machines."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.cli.wording import _

JSON = typer.Option(False, "--json", help=_("print JSON"))

WIDTH_OF_FILES = 160

out = Console() if sys.stdout.isatty() else Console(width=WIDTH_OF_FILES)
err = Console(stderr=True)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """Print a table; cells are plain text, never markup."""
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    out.print(table)


def show_json(value: object) -> None:
    """Print one JSON document: dataclasses as objects, instants as ISO 8601 in UTC."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=_plain)
    sys.stdout.write("\n")


def show_line(text: str) -> None:
    """Print a sentence as it is."""
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def _cell(value: object) -> Text:
    return Text("" if value is None else str(value))


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
