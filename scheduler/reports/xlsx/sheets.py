"""Writing typed cells row by row. Text is only ever text: nothing in it can run as a formula or link."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import ceil
from typing import Any, TypeAlias
from unicodedata import east_asian_width
from zoneinfo import ZoneInfo

from scheduler.core.figures import Figure
from scheduler.reports.words.wording import Words

Content: TypeAlias = str | int | float | Figure | date | datetime | None

NARROWEST, WIDEST = 10, 60
LETTERS_ON_PAPER, NOTE_WIDTH = 190, 110
"""So many letters side by side can still be read on a sheet of A4, and in a line of a note."""
LINE_HEIGHT, TALLEST = 16, 400
SPARE = 3
"""What breaking at words, and the room between columns, cost of a line."""
INK, MUTED = "#1C2330", "#8B919B"
STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 18, "font_color": INK},
    "lead": {"text_wrap": True, "valign": "top", "font_size": 12},
    "plain": {"valign": "top"},
    "wrapped": {"valign": "top", "text_wrap": True},
    "header": {"bold": True, "font_color": INK, "bottom": 2, "valign": "bottom"},
    "figures": {
        "bold": True,
        "font_color": INK,
        "bottom": 2,
        "align": "right",
        "valign": "bottom",
        "text_wrap": True,
    },
    "count": {"num_format": "#,##0", "valign": "top"},
    "decimal": {"num_format": "#,##0.0", "valign": "top"},
    "partial": {"num_format": '#,##0"*"', "valign": "top"},
    "change": {"num_format": "+#,##0;-#,##0;0", "valign": "top", "font_color": MUTED},
    "share": {"num_format": "0.0%", "valign": "top"},
    "note": {"font_color": MUTED, "font_size": 9},
    "missing": {"italic": True, "font_color": MUTED, "align": "right", "valign": "top"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm", "align": "left", "valign": "top"},
    "edition": {"num_format": "0", "align": "left", "valign": "top"},
    "day": {"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"},
}
FROM_RIGHT = {"align": "right", "reading_order": 2}
NUMBERS = ("count", "decimal", "partial", "change", "share")


def styles_of(direction: str) -> dict[str, dict[str, Any]]:
    """STYLES for a reader of this direction: `rtl` texts begin at the right and read from there."""
    if direction != "rtl":
        return STYLES
    return {name: style if name in NUMBERS else style | FROM_RIGHT for name, style in STYLES.items()}


@dataclass(slots=True)
class Sheet:
    """A worksheet that is filled from the top; `row` is the next free one (zero-based)."""

    name: str
    sheet: Any
    styles: dict[str, Any]
    words: Words
    zone: ZoneInfo
    row: int = 0
    widths: dict[int, int] = field(default_factory=dict)
    headings: dict[int, str] = field(default_factory=dict)

    def header(self, names: Sequence[str], *, figures: Sequence[str] = ()) -> None:
        """Headings, those of figures on the right, printed on each page; what names a row stays in sight."""
        self.line([*names, *figures], styles=["header"] * len(names) + ["figures"] * len(figures))
        self.headings = dict(enumerate(figures, start=len(names)))
        self.sheet.freeze_panes(self.row, 2 if figures else 1)
        self.sheet.repeat_rows(self.row - 1)

    def line(self, contents: Sequence[Content], *, styles: Sequence[str] = ()) -> None:
        """One row; a style by position, where the content's own kind does not say enough."""
        for column, content in enumerate(contents):
            self.put(column, content, styles[column] if column < len(styles) else "")
        if "wrapped" in styles:
            long = [str(text) for text, style in zip(contents, styles, strict=False) if style == "wrapped"]
            self._heighten(self.row, max((_lines(text, WIDEST) for text in long), default=1))
        self.row += 1

    def put(self, column: int, content: Content, style: str = "") -> None:
        """One cell of the current row: a number, a date, a text, or why there is no number."""
        match content:
            case None:
                return
            case Figure(value=None, reason=reason):
                self._text(column, self.words.reason(reason), "missing")
            case Figure(value=int() as value):
                self._number(column, value, style or ("partial" if content.partial else "count"))
            case int():
                self._number(column, content, style or "count")
            case float():
                self._number(column, content, style or "decimal")
            case datetime():
                local = content.astimezone(self.zone).replace(tzinfo=None)
                self.sheet.write_datetime(self.row, column, local, self.styles[style or "moment"])
                self._widen(column, len("0000-00-00 00:00"))
            case date():
                self.sheet.write_datetime(self.row, column, content, self.styles[style or "day"])
                self._widen(column, len("0000-00-00"))
            case _:
                self._text(column, str(content), style or "plain")

    def finish(self, header_row: int, columns: int) -> None:
        """Let the table be filtered, and give its columns their widths."""
        if self.row > header_row + 1:
            self.sheet.autofilter(header_row, 0, self.row - 1, columns - 1)
        self.fit()

    def fit(self) -> None:
        """Give columns their widths, and paper so many pages side by side that it can be read: what names a
        row stands on each.
        """
        for column in self.widths:
            self.sheet.set_column(column, column, self._width(column))
        wrapped = (_lines(text, self._width(column)) for column, text in self.headings.items())
        self._heighten(0, max(wrapped, default=1))
        names = self._width(0) + self._width(1)
        pages = ceil((sum(map(self._width, self.widths)) - names) / (LETTERS_ON_PAPER - names)) or 1
        self.sheet.fit_to_pages(pages, 0)
        if pages > 1:
            self.sheet.repeat_columns(0, 1)

    def note(self, text: str) -> None:
        """Sentences over the columns so far, in as many lines as they take."""
        last, width = 0, self._width(0)
        while width < NOTE_WIDTH and last + 1 in self.widths:
            last += 1
            width += self._width(last)
        if last:
            self.sheet.merge_range(self.row, 0, self.row, last, "", self.styles["wrapped"])
        self.sheet.write_string(self.row, 0, text, self.styles["wrapped"])
        self._heighten(self.row, _lines(text, width))
        self.row += 1

    def keep_text(self, cells: str) -> None:
        """These cells are texts even where they look like numbers; no warning is shown at them."""
        self.sheet.ignore_errors({"number_stored_as_text": cells})

    def _text(self, column: int, text: str, style: str) -> None:
        self.sheet.write_string(self.row, column, text, self.styles[style])
        self._widen(column, places(_least(text) if style == "figures" else text))

    def _number(self, column: int, value: float, style: str) -> None:
        self.sheet.write_number(self.row, column, value, self.styles[style])
        self._widen(column, len(f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"))

    def _heighten(self, row: int, lines: int) -> None:
        """Programs other than Excel do not see by themselves that a text goes over several lines."""
        if lines > 1:
            self.sheet.set_row(row, min(LINE_HEIGHT * lines, TALLEST))

    def _width(self, column: int) -> int:
        return min(max(self.widths.get(column, 0) + 3, NARROWEST), WIDEST)

    def _widen(self, column: int, wide: int) -> None:
        if wide > self.widths.get(column, -1):
            self.widths[column] = wide


def places(text: str) -> int:
    """How wide a text is; Han and the like take two places."""
    wide = 0 if text.isascii() else sum(east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide


def _least(heading: str) -> str:
    """What a heading takes that goes over several lines: its longest word, or half of one in Han."""
    half = heading[: ceil(len(heading) / 2)]
    return half if places(heading) > len(heading) else max(heading.split(), key=len)


def _lines(text: str, width: int) -> int:
    """How many lines it takes at most in a column so wide, where words stay whole."""
    return sum(ceil((places(line) + SPARE) / (width - SPARE)) for line in text.splitlines()) or 1
