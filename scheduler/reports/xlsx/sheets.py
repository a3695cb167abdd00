"""Writing typed cells row by row. Text is only ever text: nothing in it can run as a formula or link."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias
from unicodedata import east_asian_width
from zoneinfo import ZoneInfo

from scheduler.core.figures import Figure
from scheduler.reports.words.wording import Words

Content: TypeAlias = str | int | float | Figure | date | datetime | None

NARROWEST, WIDEST = 10, 60
INK, MUTED = "#1C2330", "#8B919B"
STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 18, "font_color": INK},
    "lead": {"text_wrap": True, "valign": "top", "font_size": 12},
    "plain": {"valign": "top"},
    "wrapped": {"valign": "top", "text_wrap": True},
    "header": {"bold": True, "font_color": INK, "bottom": 2, "valign": "bottom"},
    "figures": {"bold": True, "font_color": INK, "bottom": 2, "align": "right", "valign": "bottom"},
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

    def header(self, names: Sequence[str], *, figures: Sequence[str] = ()) -> None:
        """Headings, those of figures on the right, printed on each page; what names a row stays in sight."""
        self.line([*names, *figures], styles=["header"] * len(names) + ["figures"] * len(figures))
        self.sheet.freeze_panes(self.row, 2 if figures else 1)
        self.sheet.repeat_rows(self.row - 1)

    def line(self, contents: Sequence[Content], *, styles: Sequence[str] = ()) -> None:
        """One row; a style by position, where the content's own kind does not say enough."""
        for column, content in enumerate(contents):
            self.put(column, content, styles[column] if column < len(styles) else "")
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
                self._widen(column, "0000-00-00 00:00")
            case date():
                self.sheet.write_datetime(self.row, column, content, self.styles[style or "day"])
                self._widen(column, "0000-00-00")
            case _:
                self._text(column, str(content), style or "plain")

    def finish(self, header_row: int, columns: int) -> None:
        """Let the table be filtered, and give its columns their widths."""
        if self.row > header_row + 1:
            self.sheet.autofilter(header_row, 0, self.row - 1, columns - 1)
        for column, width in self.widths.items():
            self.sheet.set_column(column, column, min(max(width + 3, NARROWEST), WIDEST))

    def keep_text(self, cells: str) -> None:
        """These cells are texts even where they look like numbers; no warning is shown at them."""
        self.sheet.ignore_errors({"number_stored_as_text": cells})

    def _text(self, column: int, text: str, style: str) -> None:
        self.sheet.write_string(self.row, column, text, self.styles[style])
        self._widen(column, text)

    def _number(self, column: int, value: float, style: str) -> None:
        self.sheet.write_number(self.row, column, value, self.styles[style])
        self._widen(column, f"{value:,}" if isinstance(value, int) else f"{value:,.1f}")

    def _widen(self, column: int, text: str) -> None:
        """Han and the like take two places."""
        wide = 0 if text.isascii() else sum(east_asian_width(letter) in "WF" for letter in text)
        if len(text) + wide > self.widths.get(column, 0):
            self.widths[column] = len(text) + wide
