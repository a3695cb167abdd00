"""Writing typed cells row by row. Text is only ever text: nothing in it can run as a formula or link."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from scheduler.core.figures import Figure
from scheduler.reports.wording import Words

Content: TypeAlias = str | int | Figure | datetime | None

INK, MUTED, SEAL, LINE = "#1C2330", "#8B919B", "#A3342A", "#E4DFD3"
STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 18, "font_color": INK},
    "lead": {"text_wrap": True, "valign": "top", "font_size": 12},
    "plain": {"valign": "top"},
    "wrapped": {"valign": "top", "text_wrap": True},
    "header": {"bold": True, "font_color": INK, "bottom": 2, "text_wrap": True, "valign": "bottom"},
    "count": {"num_format": "#,##0", "valign": "top"},
    "partial": {"num_format": "#,##0", "valign": "top", "underline": 33},
    "change": {"num_format": "+#,##0;-#,##0;0", "valign": "top", "font_color": MUTED},
    "share": {"num_format": "0.0%", "valign": "top"},
    "missing": {"italic": True, "font_color": MUTED, "align": "right", "valign": "top"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm", "align": "left", "valign": "top"},
}


@dataclass(slots=True)
class Sheet:
    """A worksheet that is filled from the top; `row` is the next free one (zero-based)."""

    name: str
    sheet: Any
    styles: dict[str, Any]
    words: Words
    zone: ZoneInfo
    row: int = 0
    widths: Sequence[int] = field(default=())

    def header(self, names: Sequence[str]) -> None:
        """Column headings: they stay in sight and can be filtered by."""
        for column, name in enumerate(names):
            self.sheet.write_string(self.row, column, name, self.styles["header"])
        self.row += 1
        self.sheet.freeze_panes(self.row, 0)

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
                self.sheet.write_string(self.row, column, self.words.reason(reason), self.styles["missing"])
            case Figure(value=int() as value):
                shown = style or ("partial" if content.partial else "count")
                self.sheet.write_number(self.row, column, value, self.styles[shown])
            case int():
                self.sheet.write_number(self.row, column, content, self.styles[style or "count"])
            case datetime():
                local = content.astimezone(self.zone).replace(tzinfo=None)
                self.sheet.write_datetime(self.row, column, local, self.styles[style or "moment"])
            case _:
                self.sheet.write_string(self.row, column, str(content), self.styles[style or "plain"])

    def finish(self, header_row: int, columns: int) -> None:
        """Let the table be filtered, and give its columns their widths."""
        if self.row > header_row + 1:
            self.sheet.autofilter(header_row, 0, self.row - 1, columns - 1)
        self.sheet.autofit(max_width=420)
