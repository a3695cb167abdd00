"""Drawing on slides of 13.3 x 7.5 inches: titles, texts, tables, native charts, in the reader's direction."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, TypeAlias
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from lxml.etree import Element, SubElement
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from scheduler.reports.pages.charts import INKS
from scheduler.reports.words.wording import Words

WIDE, HIGH, MARGIN = 13.333, 7.5, 0.7
INK, MUTED, SEAL, LINE = "1C2330", "646C79", "A3342A", "E4DFD3"
TITLE_ONLY, FEW, HALF = 5, 8, 6.5
FONTS = {"a:latin": "Noto Sans", "a:ea": "Microsoft YaHei", "a:cs": "Arial"}
STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, width and height in inches as a reader from left to right sees them; `Deck` mirrors them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a text is set: size in points and colour."""

    size: float = 14
    bold: bool = False
    colour: str = INK
    at_end: bool = False


@dataclass(frozen=True, slots=True)
class Deck:
    """A presentation in one language."""

    show: Any
    words: Words
    footer: str

    def slide(self, title: str) -> Any:
        """A new slide with its title, a rule under it, and where it belongs at the foot."""
        slide = self.show.slides.add_slide(self.show.slide_layouts[TITLE_ONLY])
        self._place(slide.shapes.title, (MARGIN, 0.35, WIDE - 2 * MARGIN, 0.8))
        self._write(slide.shapes.title.text_frame, [title], Style(size=28, bold=True), self.words.direction)
        rule = slide.shapes.add_connector(1, *map(Inches, (MARGIN, 1.2, WIDE - MARGIN, 1.2)))
        rule.line.color.rgb = RGBColor.from_string(SEAL)
        number = len(self.show.slides)
        small = Style(size=10, colour=MUTED)
        self.text(slide, (MARGIN, 6.95, 11, 0.35), [f"{self.footer} · {number}"], small)
        return slide

    def text(
        self, slide: Any, box: Box, lines: Sequence[str], style: Style | None = None, *, direction: str = ""
    ) -> None:
        """Paragraphs in a box, in the reader's direction or another."""
        frame = slide.shapes.add_textbox(0, 0, 0, 0)
        self._place(frame, box)
        frame.text_frame.word_wrap = True
        self._write(frame.text_frame, lines, style or Style(), direction or self.words.direction)

    def table(
        self,
        slide: Any,
        box: Box,
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        *,
        size: float | None = None,
    ) -> None:
        """The first row heads the others; the first column names them, the rest are figures.

        Without a size in points, a few wide rows are set larger.
        """
        frame = slide.shapes.add_table(len(rows), len(widths), 0, 0, 0, 0)
        self._place(frame, (box[0], box[1], sum(widths), min(0.58 * len(rows), box[3])))
        table, size = frame.table, size or (16 if len(rows) <= FEW and sum(widths) > HALF else 12)
        table.horz_banding = False
        table._tbl.tblPr.set("rtl", str(int(self.words.direction == "rtl")))  # noqa: SLF001 - no public way
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Inches(width)
        for line, cells in zip(table.rows, rows, strict=True):
            line.height = Inches(min(0.58, box[3] / len(rows)))
            for position, (cell, text) in enumerate(zip(line.cells, cells, strict=True)):
                head = cells is rows[0]
                style = Style(size=size, bold=head, colour=MUTED if head else INK, at_end=position > 0)
                self._cell(cell, text, style)

    def bars(
        self,
        slide: Any,
        box: Box,
        names: Sequence[str],
        series: Mapping[str, Sequence[int | None]],
        *,
        title: str,
        upright: bool = False,
    ) -> None:
        """Stacked bars of these measures, told by their title to who sees none; None draws nothing."""
        data = CategoryChartData(number_format="#,##0")
        data.categories = names
        for measure, values in series.items():
            data.add_series(self.words.measure(measure), values)
        kind = XL_CHART_TYPE.COLUMN_STACKED if upright else XL_CHART_TYPE.BAR_STACKED
        frame = slide.shapes.add_chart(kind, 0, 0, 0, 0, data)
        self._place(frame, box)
        said = self.words.all(map(self.words.measure, series))
        frame._element.nvGraphicFramePr.cNvPr.set("descr", self.words.headed(title, self.words.listed(said)))  # noqa: SLF001 - no public way
        self._style(frame.chart, list(series), upright=upright)

    def picture(self, slide: Any, box: Box, content: bytes, alt: str) -> None:
        """A picture that fills the box, with its alternative text."""
        shape = slide.shapes.add_picture(BytesIO(content), 0, 0)
        shape._element.nvPicPr.cNvPr.set("descr", alt)  # noqa: SLF001 - no public way
        self._place(shape, box)

    def content(self, at: datetime) -> bytes:
        """The file, its times all `at`: the same slides give the same bytes."""
        found = BytesIO()
        self.show.save(found)
        return _stamped(found.getvalue(), at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode())

    def _place(self, shape: Any, box: Box) -> None:
        left, top, width, height = box
        if self.words.direction == "rtl":
            left = WIDE - left - width
        shape.left, shape.top, shape.width, shape.height = map(Inches, (left, top, width, height))

    def _cell(self, cell: Any, text: str, style: Style) -> None:
        cell.fill.background()
        cell.margin_top = cell.margin_bottom = Inches(0.03)
        cell.vertical_anchor = MSO_ANCHOR.MIDDLE
        self._write(cell.text_frame, [text], style, self.words.direction)
        _rule_off(cell)

    def _write(self, frame: Any, lines: Iterable[str], style: Style, direction: str) -> None:
        frame.text = "\n".join(lines)
        backwards = direction == "rtl"
        for paragraph in frame.paragraphs:
            paragraph.alignment = PP_ALIGN.RIGHT if backwards != style.at_end else PP_ALIGN.LEFT
            paragraph._p.get_or_add_pPr().set("rtl", str(int(backwards)))  # noqa: SLF001 - no public way
            for run in paragraph.runs:
                run.font.size, run.font.bold = Pt(style.size), style.bold
                run.font.color.rgb = RGBColor.from_string(style.colour)
                _set_fonts(run)

    def _style(self, chart: Any, measures: Sequence[str], *, upright: bool) -> None:
        chart.font.size, chart.font.color.rgb = Pt(12), RGBColor.from_string(INK)
        chart.has_title = False
        chart.has_legend = len(measures) > 1
        if chart.has_legend:
            chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
        chart.plots[0].gap_width = 50
        for one, measure in zip(chart.series, measures, strict=True):
            one.format.fill.solid()
            one.format.fill.fore_color.rgb = RGBColor.from_string(INKS[measure].lstrip("#"))
        names, figures = chart.category_axis, chart.value_axis
        figures.tick_labels.number_format, figures.tick_labels.number_format_is_linked = "#,##0", False
        figures.minimum_scale = 0
        figures.major_gridlines.format.line.color.rgb = RGBColor.from_string(LINE)
        backwards = self.words.direction == "rtl"
        if upright:
            names.reverse_order = backwards
        else:
            names.reverse_order, figures.reverse_order = True, backwards
            figures._element.find(qn("c:crosses")).set("val", "max")  # noqa: SLF001 - no public way


def new_deck(words: Words, *, title: str, author: str, footer: str) -> Deck:
    """An empty wide presentation."""
    show = Presentation()
    show.slide_width, show.slide_height = Inches(WIDE), Inches(HIGH)
    show.core_properties.title, show.core_properties.author = title, author
    show.core_properties.language = words.language
    return Deck(show, words, footer)


def _set_fonts(run: Any) -> None:
    """One typeface for each script; a reader's program takes its own where it has none of these."""
    properties = run._r.get_or_add_rPr()  # noqa: SLF001 - no public way
    for tag, name in FONTS.items():
        SubElement(properties, qn(tag)).set("typeface", name)


def _rule_off(cell: Any) -> None:
    """A thin line under the cell, first of what the format lets stand there."""
    line = Element(qn("a:lnB"), {"w": "6350"})
    SubElement(SubElement(line, qn("a:solidFill")), qn("a:srgbClr")).set("val", LINE)
    cell._tc.get_or_add_tcPr().insert(0, line)  # noqa: SLF001 - no public way


def _stamped(content: bytes, at: bytes) -> bytes:
    """The package with no other time in it, nor in the workbooks within."""
    found = BytesIO()
    with ZipFile(BytesIO(content)) as package, ZipFile(found, "w", ZIP_DEFLATED) as stamped:
        for name in package.namelist():
            part = package.read(name)
            if name.endswith(".xlsx"):
                part = _stamped(part, at)
            elif name == "docProps/core.xml":
                part = STAMP.sub(at, part)
            stamped.writestr(ZipInfo(name), part, ZIP_DEFLATED)
    return found.getvalue()
