"""Every rendering says the same numbers, keeps gaps apart from 0, and runs nothing of what it shows."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from rich.console import Console

from scheduler.core.figures import Reason
from scheduler.reports.dataset import Dimension, ReachDataset, Section
from scheduler.reports.freezing import FrozenReport, freeze, thaw
from scheduler.reports.pages.html import render_html
from scheduler.reports.rendering import FORMATS, file_name, render
from scheduler.reports.terminal import render_terminal
from scheduler.reports.tidy import TidyFigure, harmless, tidy
from scheduler.reports.words import comparison_words, labels
from scheduler.reports.words.summary import PARTIAL
from scheduler.reports.words.wording import Words
from tests.reports.page import Page, Place, read_page
from tests.reports.sample import ARABIC, FORMULA, MARKUP, START, half_read, sample_report

LANGUAGES = ("en", "zh-CN", "ar")


@pytest.fixture(scope="module")
def report() -> FrozenReport:
    return sample_report()


@pytest.fixture(scope="module", params=LANGUAGES)
def page(request: pytest.FixtureRequest, report: FrozenReport) -> Page:
    return read_page(render(report, "html", request.param))


def place_of(one: TidyFigure) -> Place:
    return (one.section, one.dimension, one.key, one.measure)


def numbers(report: FrozenReport) -> dict[Place, int | None]:
    return {place_of(one): one.figure.value for one in tidy(report.dataset)}


def printed(report: FrozenReport, language: str) -> str:
    return on_screen(report.dataset, language)


def on_screen(data: ReachDataset, language: str, *, width: int = 160) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(render_terminal(data, language))
    return console.export_text()


def rows(sheet: Worksheet) -> Iterator[dict[str, object]]:
    headings, *lines = sheet.iter_rows(values_only=True)
    for line in lines:
        yield dict(zip(map(str, headings), line, strict=True))


def test_the_sample_has_numbers_zeros_and_gaps(report: FrozenReport) -> None:
    found = numbers(report)
    assert found["responses", "total", "", "responses"] == 1_234_607
    assert found["output", "total", "", "missed"] == 0
    assert found["responses", "platform", "telegram", "responses"] is None


def test_the_screen_stars_what_leaves_channels_out_and_says_what_is_compared() -> None:
    """Until 2026-11-23 it showed such a figure like any other."""
    words, half = Words("en"), half_read(sample_report(now=START + timedelta(days=2)).dataset)
    told = " ".join(on_screen(half, "en").split())
    assert "Bluesky 1,234,567*" in told
    assert PARTIAL in told
    compared = list(comparison_words.sentences(half, words))
    assert compared
    assert all(sentence in told for sentence in compared)


@pytest.mark.parametrize("width", [60, 80])
def test_a_narrow_screen_cuts_no_bar_short_with_dots(report: FrozenReport, width: int) -> None:
    told = on_screen(report.dataset, "en", width=width)
    assert re.findall("[█·]…", told) == []
    assert "█" in told


def test_the_page_shows_exactly_the_figures_of_the_dataset(report: FrozenReport, page: Page) -> None:
    expected, shown = numbers(report), page.figures()
    assert {place: expected[place] for place in shown} == {
        place: None if value is None else int(value) for place, value in shown.items()
    }
    splits = {"total", "platform", "language", "region", "campaign", "channel", "post"}
    compared = {"output.publications", "responses.responses", "audience.followers"}
    wanted = {
        place
        for place in expected
        if place[1] in splits
        and (place[0] != "reach" or expected["reach", "total", "", "reach_floor"])
        and (
            "." not in place[3]
            or (place[3].endswith(".change") and f"{place[0]}.{place[3].removesuffix('.change')}" in compared)
        )
        and place[3] not in ("baselines", "redefined")
        and not said_once(expected, place)
    }
    assert wanted <= shown.keys()


def said_once(figures: dict[Place, int | None], place: Place) -> bool:
    """A measure that is 0 everywhere is told once, of the whole matrix."""
    section, dimension, _, measure = place
    values = {value for other, value in figures.items() if (other[0], other[3]) == (section, measure)}
    return dimension != "total" and values <= {0, None}


def test_csv_holds_every_figure_once(report: FrozenReport) -> None:
    content = render(report, "csv", "en").decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(content)))
    told = [(one["section"], one["dimension"], one["key"], one["measure"], one["value"]) for one in found]
    expected = [
        (place[0], place[1], harmless(place[2]), place[3], "" if value is None else str(value))
        for place, value in numbers(report).items()
    ]
    assert sorted(told) == sorted(expected)
    assert all((one["status"] == "missing") == bool(one["reason"]) for one in found)
    assert all((one["status"] == "missing") == (one["value"] == "") for one in found)


def test_json_is_the_dataset_and_its_hash_is_on_the_page(report: FrozenReport, page: Page) -> None:
    content = render(report, "json", "en")
    assert thaw(content.decode()).dataset == report.dataset
    assert hashlib.sha256(content).hexdigest() in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_holds_typed_numbers_and_words_for_gaps(report: FrozenReport, language: str) -> None:
    words = Words(language)
    book = load_workbook(io.BytesIO(render(report, "xlsx", language)))
    for section, measure in ((Section.RESPONSES, "responses"), (Section.AUDIENCE, "followers")):
        sheet = book.worksheets[1 + list(Section).index(section)]
        found = {
            str(line[words.say("Slice")] or ""): line[words.measure(measure)]
            for line in rows(sheet)
            if line[words.say("Split")] in (words.say("By platform"), words.say("Whole matrix"))
        }
        expected = {
            words.slice_name(report.dataset, row): row.measures[measure].now
            for dimension in (Dimension.TOTAL, Dimension.PLATFORM)
            for row in report.dataset.rows(section, dimension)
        }
        assert found == {
            name: words.reason(figure.reason) if figure.value is None else figure.value
            for name, figure in expected.items()
        }


def test_the_workbook_has_native_charts_frozen_heads_and_no_formula(report: FrozenReport) -> None:
    content = io.BytesIO(render(report, "xlsx", "en"))
    assert sum(name.startswith("xl/charts/chart") for name in ZipFile(content).namelist()) == 2
    book = load_workbook(content)
    assert all(sheet.freeze_panes for sheet in book.worksheets[1:])
    assert all(sheet.print_title_rows == "$1:$1" for sheet in book.worksheets[1:])
    assert book["Output"].print_title_cols == "$A:$B", "over several pages side by side, slices stay named"
    notes = [sheet.cell(at.min_row, 1) for sheet in book for at in sheet.merged_cells.ranges]
    assert {Words("en").say(rule) for rule in labels.RULES} <= {note.value for note in notes}
    assert all(note.alignment.wrap_text for note in notes)
    kinds = {cell.data_type for sheet in book for line in sheet.iter_rows() for cell in line}
    assert kinds <= {"s", "n", "d"}
    assert FORMULA in {cell.value for cell in book["Responses"]["B"]}


def test_an_arabic_workbook_begins_at_the_right(report: FrozenReport) -> None:
    content = io.BytesIO(render(report, "xlsx", "ar"))
    title = load_workbook(content).worksheets[0]["A1"]
    assert (title.alignment.horizontal, title.alignment.readingOrder) == ("right", 2)
    chart = ZipFile(content).read("xl/charts/chart1.xml").partition(b"<c:valAx>")[2]
    assert b'<c:orientation val="maxMin"/>' in chart


def test_what_looks_like_a_formula_is_text_in_csv(report: FrozenReport) -> None:
    content = render(report, "csv", "en").decode("utf-8-sig")
    texts = {one[column] for one in csv.DictReader(io.StringIO(content)) for column in ("key", "measure")}
    assert {f"'{FORMULA}", "'-Autumn", "'=1+1"} <= texts
    assert not any(text.startswith(("=", "+", "-", "@")) for text in texts)


def test_the_page_fetches_nothing_runs_nothing_and_escapes_what_it_shows(page: Page) -> None:
    assert not page.all("script")
    assert not page.all("link")
    assert not page.all("img")
    assert MARKUP in page.text
    links = [element.attributes["href"] for element in page.all("a")]
    assert links == ["https://example.org/2"]
    style = page.text[page.text.index(":root") : page.text.index("@page")]
    assert not re.search(r"url\((?!#)|@import|@font-face", style)


def test_each_text_says_its_language_and_direction(page: Page) -> None:
    quotes = [element.attributes for element in page.all("blockquote")]
    assert {"lang": "ar", "dir": "rtl"} in quotes
    assert {"lang": "en", "dir": "ltr"} in quotes
    assert ARABIC in page.text


@pytest.mark.parametrize("paper", [False, True])
def test_each_bar_says_what_it_draws_to_whoever_does_not_see_it(report: FrozenReport, paper: bool) -> None:
    told = re.findall(
        r'<svg class="bar"[^>]*>(?:<title>([^<]*)</title>)?', render_html(report, "en", paper=paper).decode()
    )
    assert "" not in told  # the bar of the whole matrix had no name, those on paper had none at all
    assert {"Responses, Bluesky: 1,234,567", "Responses, Telegram: not reported"} <= set(told)
    assert "Whole matrix: 100%" in told


def test_what_scrolls_is_reached_by_keyboard_under_a_name_and_no_head_is_empty(
    report: FrozenReport, page: Page
) -> None:
    named = {element.attributes["id"] for element in page.elements if "id" in element.attributes}
    scrolled = [one.attributes for one in page.all("div") if one.attributes.get("class") == "scroll"]
    assert scrolled
    assert all(one["tabindex"] == "0" for one in scrolled)
    assert all(one.get("aria-label") or one["aria-labelledby"] in named for one in scrolled)
    assert not re.search(r"<th[^>]*>\s*</th>", render(report, "html", "en").decode())


def test_a_split_without_a_row_has_no_title(report: FrozenReport) -> None:
    data = report.dataset
    tables = {
        section: tuple(row for row in rows if row.dimension != Dimension.CAMPAIGN)
        for section, rows in data.tables.items()
    }
    title = Words("en").say(labels.DIMENSIONS[Dimension.CAMPAIGN])
    before, after = (
        read_page(render(one, "html", "en")).text for one in (report, freeze(replace(data, tables=tables)))
    )
    assert title in before
    assert title not in after


def test_a_gap_is_drawn_as_a_gap_and_never_said_as_zero(report: FrozenReport, page: Page) -> None:
    assert any(element.attributes.get("class") == "fill-gap" for element in page.all("rect"))
    missing = [element for element in page.elements if element.attributes.get("data-status") == "missing"]
    assert missing
    assert all("data-value" not in element.attributes for element in missing)
    assert all(element.attributes["data-reason"] in list(Reason) for element in missing)
    for language, said in (("en", "not reported"), ("zh-CN", "平台不提供")):
        [line] = re.findall(r"^Telegram +(\S.*?) *·+", printed(report, language), re.MULTILINE)
        assert line.strip() == said


@pytest.mark.parametrize(("language", "total"), [("en", "1,234,607"), ("zh-CN", "123.5万")])
def test_a_summary_says_large_numbers_as_its_readers_do(
    report: FrozenReport, language: str, total: str
) -> None:
    assert total in printed(report, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("format_name", FORMATS)
def test_the_same_report_gives_the_same_bytes(report: FrozenReport, format_name: str, language: str) -> None:
    again = thaw(report.text)
    assert render(again, format_name, language) == render(report, format_name, language)


def test_files_are_named_by_week_language_and_format(report: FrozenReport) -> None:
    names = [file_name(report, format_name, "zh-CN") for format_name in FORMATS]
    assert names == [
        "postroad-weekly-2026-W47.zh-CN.html",
        "postroad-weekly-2026-W47.zh-CN.pdf",
        "postroad-weekly-2026-W47.zh-CN.xlsx",
        "postroad-weekly-2026-W47.zh-CN.pptx",
        "postroad-weekly-2026-W47.csv",
        "postroad-weekly-2026-W47.json",
    ]
    assert file_name(report, "html", "en") == "postroad-weekly-2026-W47.html"
