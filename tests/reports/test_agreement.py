"""One dataset, five formats, the same numbers in each: read back as a reader's program would."""

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from scheduler.reports.dataset import Dimension, Section
from scheduler.reports.freezing import FrozenReport
from scheduler.reports.rendering import render
from scheduler.reports.words.wording import ISOLATE, ISOLATED, LEFT_TO_RIGHT, Words
from tests.reports.page import read_page
from tests.reports.sample import sample_report
from tests.reports.test_pdf import PANGO
from tests.servers.debian import require_packages

LANGUAGES = ("en", "zh-CN", "ar")
TOLD = {
    Section.OUTPUT: ("publications", "deliveries"),
    Section.RESPONSES: ("responses", "reactions"),
    Section.AUDIENCE: ("followers", "organic"),
}
Key = tuple[str, str, str]


@pytest.fixture(scope="module")
def report() -> FrozenReport:
    require_packages(PANGO, server="the renderer of PDF files")
    return sample_report()


@pytest.mark.parametrize("language", LANGUAGES)
def test_platform_by_platform_every_format_says_the_same(report: FrozenReport, language: str) -> None:
    expected = in_json(report)
    assert any(value is None for value in expected.values())
    assert any(value == 0 for value in expected.values())
    assert in_csv(report) == in_page(report, language) == in_workbook(report, language) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_of_the_page_and_of_the_workbook_is_that_of_the_csv(
    report: FrozenReport, language: str
) -> None:
    lines = every_line(report)
    told = {place: value or None for place, value in lines.items()}
    page = read_page(render(report, "html", language)).figures()
    assert page.items() <= told.items()
    assert len(page) > 100
    book, words = load_workbook(io.BytesIO(render(report, "xlsx", language))), Words(language)
    for section, title in TITLES.items():
        cells = [
            cell for line in book[words.say(title)].iter_rows(min_row=2, values_only=True) for cell in line
        ]
        numbers = [cell for cell in cells if isinstance(cell, int | float)]
        expected = [int(value) for (found, *_), value in lines.items() if found == section and value]
        assert Counter(numbers) == Counter(expected)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_paper_says_them_too(report: FrozenReport, language: str) -> None:
    words, text = Words(language), on_paper(report, language)
    for value in in_json(report).values():
        if value is not None:
            assert words.number(abs(value)) in text


def in_json(report: FrozenReport) -> dict[Key, int | None]:
    tables = json.loads(render(report, "json", "en"))["tables"]
    return {
        (section, row["key"], name): row["measures"][name]["now"]["value"]
        for section, names in TOLD.items()
        for row in tables[section]
        if row["dimension"] == Dimension.PLATFORM
        for name in names
    }


def every_line(report: FrozenReport) -> dict[tuple[str, str, str, str], str]:
    """Each line of the CSV by its place, without what keeps a formula from running; empty where missing."""
    content = render(report, "csv", "en").decode("utf-8-sig")
    return {
        (line["section"], line["dimension"], line["key"].removeprefix("'"), line["measure"]): line["value"]
        for line in csv.DictReader(io.StringIO(content))
    }


def in_csv(report: FrozenReport) -> dict[Key, int | None]:
    content = render(report, "csv", "en").decode("utf-8-sig")
    return {
        (line["section"], line["key"], line["measure"]): int(line["value"]) if line["value"] else None
        for line in csv.DictReader(io.StringIO(content))
        if line["dimension"] == Dimension.PLATFORM and wanted(line["section"], line["measure"])
    }


def in_page(report: FrozenReport, language: str) -> dict[Key, int | None]:
    found = read_page(render(report, "html", language)).figures()
    return {
        (section, key, measure): None if value is None else int(value)
        for (section, dimension, key, measure), value in found.items()
        if dimension == Dimension.PLATFORM and wanted(section, measure)
    }


def in_workbook(report: FrozenReport, language: str) -> dict[Key, int | None]:
    words, data = Words(language), report.dataset
    book = load_workbook(io.BytesIO(render(report, "xlsx", language)))
    assert all(bool(sheet.sheet_view.rightToLeft) == (language == "ar") for sheet in book)
    platforms = {title: key for key, title in data.platforms.items()}
    found: dict[Key, int | None] = {}
    for section, names in TOLD.items():
        headings, *lines = book[words.say(TITLES[section])].iter_rows(values_only=True)
        for line in (dict(zip(headings, cells, strict=True)) for cells in lines):
            if line[words.say("Split")] == words.say("By platform"):
                found |= {
                    (section, platforms[str(line[words.say("Slice")])], name): number(
                        line, words.measure(name)
                    )
                    for name in names
                }
    return found


def on_paper(report: FrozenReport, language: str) -> str:
    reader = PdfReader(io.BytesIO(render(report, "pdf", language)))
    text = " ".join(page.extract_text() for page in reader.pages)
    return text.translate(dict.fromkeys(map(ord, (ISOLATE, ISOLATED, LEFT_TO_RIGHT))))


TITLES = {Section.OUTPUT: "Output", Section.RESPONSES: "Responses", Section.AUDIENCE: "Audience"}


def wanted(section: str, measure: str) -> bool:
    return measure in TOLD.get(Section(section), ()) if section in list(Section) else False


def number(line: Mapping[Any, object], column: str) -> int | None:
    value = line[column]
    return int(value) if isinstance(value, int | float) else None
