"""Tables in which no word is cut that somebody may have to copy; on a narrow terminal, paragraphs."""

import re
from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.cli.terminal import out
from scheduler.cli.wording import _
from scheduler.core.wording import N_

FRAME = 3
"""What a column takes beside its words: a line and a blank on either side; the table, one line more."""

FOLDED = 12
"""Cells of a word in a script without blanks below which it is not cut: it can be cut anywhere."""

SQUARES = "\u2e80-\ud7ff\uff00-\uffef"
PIECES = re.compile(rf"\s+|[{SQUARES}][，。：；、！？）》”]*|[^\s{SQUARES}]+")
INDENT = "   "
BETWEEN = " · "


def draw(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table that fits the terminal, or a paragraph a row where none does; in a file nothing is folded."""
    lines = list(zip(*([columns, *rows] if any(columns) else rows), strict=True))
    natural = [max(map(_width, cells)) for cells in lines]
    if not out.is_terminal:
        _print(Console(width=_whole(natural), file=out.file), columns, rows, natural)
    elif widths := fitted(natural, [max(map(_least, cells)) for cells in lines], room=out.width):
        _print(out, columns, rows, widths)
    else:
        for row in rows:
            first, *others = paragraph(columns, row, room=out.width)
            out.print(Text.assemble((row[0], "bold"), first[len(row[0]) :]), soft_wrap=True)
            for line in others:
                out.print(Text(line), soft_wrap=True)


def fitted(natural: Sequence[int], least: Sequence[int], *, room: int) -> list[int] | None:
    """Widths that fit into the room: the widest give first, none below its least; None if none do."""
    widths = list(natural)
    while (over := _whole(widths) - room) > 0:
        able = [at for at, width in enumerate(widths) if width > least[at]]
        if not able:
            return None
        widest = max(able, key=lambda at: widths[at])
        others = [widths[at] for at in able if widths[at] < widths[widest]]
        widths[widest] = max(least[widest], widths[widest] - over, max(others, default=0) - 1)
    return widths


def paragraph(columns: Sequence[str], row: Sequence[str], *, room: int) -> Iterator[str]:
    """The first cell, then the others with the names of their columns; further lines are indented."""
    line = row[0]
    for column, cell in zip(columns[1:], row[1:], strict=True):
        if not cell:
            continue
        words = " ".join(cell.split())
        told = _(N_("{head}: {text}")).format(head=column, text=words) if column else words
        if cell_len(line + BETWEEN + told) <= room:
            line += BETWEEN + told
        else:
            yield line
            *whole, line = _wrapped(told, room)
            yield from whole
    yield line


def _wrapped(words: str, room: int) -> list[str]:
    """Lines cut at blanks and between letters that stand in squares; what is too long stays whole."""
    lines = [INDENT]
    for piece in PIECES.findall(words):
        if cell_len(lines[-1] + piece) > room and lines[-1] != INDENT:
            lines.append(INDENT)
        if lines[-1] != INDENT or not piece.isspace():
            lines[-1] += piece
    return [line.rstrip() for line in lines]


def _print(
    console: Console, columns: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int]
) -> None:
    table = Table(header_style="bold", show_header=any(columns))
    for column, width in zip(columns, widths, strict=True):
        table.add_column(column, width=width, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _whole(widths: Sequence[int]) -> int:
    return sum(widths) + FRAME * len(widths) + 1


def _width(cell: str) -> int:
    return max(map(cell_len, cell.splitlines()), default=0)


def _least(cell: str) -> int:
    """The widest word that has to stay whole."""
    return max((_uncut(word) for word in cell.split()), default=0)


def _uncut(word: str) -> int:
    width = cell_len(word)
    return width if word.isascii() else min(width, FOLDED)
