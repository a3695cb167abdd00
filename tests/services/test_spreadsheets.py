"""Tables as people send them, and the ones that cannot be read."""

import codecs
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from scheduler.core.problems import Refused
from scheduler.services.spreadsheets import Row, read_sheet

TEXT = "post,text.zh-CN\nmuseum,新馆\n"
ROWS = (Row(number=2, cells={"post": "museum", "text.zh-cn": "新馆"}),)


def written(folder: Path, content: bytes, name: str = "posts.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode(),
        b"sep=;\r\n" + TEXT.replace(",", ";").encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.replace("post", " Post ").encode(),
    ],
    ids=["plain", "bom", "semicolons", "tabs", "named", "crlf", "utf-16-le", "utf-16-be", "capitals"],
)
def test_the_same_table_however_it_was_saved(tmp_path: Path, content: bytes) -> None:
    sheet = read_sheet(written(tmp_path, content))
    assert (sheet.headings, sheet.rows, sheet.problems) == (("post", "text.zh-cn"), ROWS, ())


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    table = 'post,text.en\n"a","two\r\nlines; one cell"\n\n,\nb,x\n'
    sheet = read_sheet(written(tmp_path, table.encode()))
    assert [(row.number, row.cells["post"]) for row in sheet.rows] == [(2, "a"), (5, "b")]
    assert sheet.rows[0].cells["text.en"] == "two\nlines; one cell"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("post\n新馆\n".encode("gbk"), "not UTF-8 (byte 6), perhaps GBK"),
        ("post\nun café\n".encode("cp1252"), "not UTF-8 (byte 12), perhaps Windows-1252"),
        ("post\nx\n".encode("utf-16-le"), "neither a text file nor a workbook"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "neither a text file nor a workbook"),
        (b"\xd0\xcf\x11\xe0old", "old Excel format"),
        (b"PK\x03\x04 no workbook", "not a readable XLSX workbook"),
        (b"", "no headings"),
        (b"\n\npost\n", "no headings"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(Refused) as refused:
        read_sheet(written(tmp_path, content))
    assert words in str(refused.value)
    assert "posts.csv" in str(refused.value)


def test_a_quotation_mark_that_is_never_closed_is_refused_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        read_sheet(written(tmp_path, b'post,text.en\na,b\nc,"never closed\nd,e\n'))
    assert refused.value.problems[0].row == 3


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"nothing\.csv"):
        read_sheet(tmp_path / "nothing.csv")


def test_cells_under_no_heading_are_problems(tmp_path: Path) -> None:
    sheet = read_sheet(written(tmp_path, b"post,at,\na,b,,\nc,d,stray,more\n"))
    assert [(problem.row, problem.params["start"]) for problem in sheet.problems] == [
        (3, "stray"),
        (3, "more"),
    ]


def workbook(*rows: list[object]) -> Workbook:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    return book


def saved(folder: Path, book: Workbook) -> Path:
    out = BytesIO()
    book.save(out)
    return written(folder, out.getvalue(), "posts.xlsx")


def test_a_workbook_gives_values_as_they_would_be_typed(tmp_path: Path) -> None:
    at = datetime(2026, 12, 1, 9, 30)  # noqa: DTZ001 - Excel knows no zones
    book = workbook(["Post", "at", "Day", "Text.en"], [12.0, at, at.date(), None])
    book.worksheets[0].append([])
    book.worksheets[0].append(["b", "2026-12-01 09:30", None, "two\nlines"])
    sheet = read_sheet(saved(tmp_path, book))
    assert sheet.rows == (
        Row(number=2, cells={"post": "12", "at": "2026-12-01 09:30:00", "day": "2026-12-01", "text.en": ""}),
        Row(number=4, cells={"post": "b", "at": "2026-12-01 09:30", "day": "", "text.en": "two\nlines"}),
    )


def test_a_formula_without_a_stored_value_does_not_vanish(tmp_path: Path) -> None:
    sheet = read_sheet(saved(tmp_path, workbook(["post", "text.en"], ["a", "=B1&B1"])))
    ((row, column, formula),) = [(one.row, one.column, one.params["formula"]) for one in sheet.problems]
    assert (row, column, formula) == (2, "B", "=B1&B1")
