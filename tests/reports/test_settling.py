"""Figures that may still move are marked in every rendering, and the mark is gone once they are final."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from pptx import Presentation
from rich.console import Console

from scheduler.reports.dataset import ReachDataset, Unsettled
from scheduler.reports.figures.settling import MARK, notes, unsettled
from scheduler.reports.freezing import FrozenReport, freeze, thaw
from scheduler.reports.pages.html import render_html
from scheduler.reports.rendering import render
from scheduler.reports.terminal import render_terminal
from scheduler.reports.words.wording import Words
from tests.reports.page import read_page
from tests.reports.sample import CHANNELS, END, sample_report

HOUR = timedelta(hours=1)
LANGUAGES = ("en", "zh-CN", "ar")


@pytest.fixture(scope="module")
def flash() -> FrozenReport:
    return sample_report(now=END + 9 * HOUR)


def statuses(report: FrozenReport) -> dict[tuple[str, ...], str]:
    lines = csv.DictReader(io.StringIO(render(report, "csv", "en").decode("utf-8-sig")))
    return {
        tuple(line[part] for part in ("section", "dimension", "key", "measure")): line["status"]
        for line in lines
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_flash_says_in_every_rendering_that_it_is_provisional_and_until_when(
    flash: FrozenReport, language: str
) -> None:
    [note] = notes(flash.dataset, Words(language))
    moment = Words(language).moment(END + 72 * HOUR, "Asia/Shanghai")
    assert moment in note
    text = read_page(render(flash, "html", language)).text
    assert note in text
    assert MARK not in text.partition(note)[0], "a mark stands before it is explained"
    assert text.count(MARK) > 8
    assert note in read_page(render_html(flash, language, paper=True)).text
    book = load_workbook(io.BytesIO(render(flash, "xlsx", language)))
    words = Words(language)
    assert any(note == cell.value for sheet in book for row in sheet for cell in row)
    assert f"{words.measure('responses')}{MARK}" in [cell.value for cell in book[words.say("Responses")][1]]
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(render_terminal(flash.dataset, language))
    assert MARK in console.export_text()
    slides = Presentation(io.BytesIO(render(flash, "pptx", language))).slides
    assert [slide.shapes.title.text.endswith(MARK) for slide in slides] == [True] * (len(slides) - 1) + [
        False
    ]


@pytest.mark.parametrize(
    ("language", "reason", "said"),
    [
        ("en", "not over yet", "2026-W47 is not over: nothing but"),
        ("zh-CN", "本期未结束", "除粉丝数（存量）外"),
    ],
)
def test_of_a_week_that_still_runs_only_followers_show_a_change(
    language: str, reason: str, said: str
) -> None:
    preview = sample_report(now=END - HOUR)
    moved = {
        place[0] for place, status in statuses(preview).items() if is_change(place) and status != "missing"
    }
    assert moved == {"audience"}
    page = read_page(render(preview, "html", language)).text
    book = load_workbook(io.BytesIO(render(preview, "xlsx", language)))
    sheets = "\n".join(str(cell) for sheet in book for row in sheet.values for cell in row)
    slides = Presentation(io.BytesIO(render(preview, "pptx", language))).slides
    shapes = [shape for slide in slides for shape in slide.shapes]
    cells = [cell.text for shape in shapes if shape.has_table for cell in shape.table.iter_cells()]
    on_slides = "\n".join([*cells, *(shape.text_frame.text for shape in shapes if shape.has_text_frame)])
    for text in (page, sheets, on_slides):
        assert text.count(reason) > 5
        assert said in text
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(render_terminal(preview.dataset, language))
    assert reason in console.export_text()


def is_change(place: tuple[str, ...]) -> bool:
    return place[3].endswith("change")


def test_machines_read_it_figure_by_figure_but_not_of_the_time_before(flash: FrozenReport) -> None:
    found = statuses(flash)
    assert found["responses", "platform", "bluesky", "responses"] == "provisional"
    assert found["responses", "platform", "bluesky", "responses.previous"] == "reported"
    assert found["responses", "platform", "bluesky", "responses.change"] == "provisional"
    assert found["audience", "total", "", "followers"] == "partial_provisional"
    assert found["responses", "platform", "telegram", "responses"] == "missing"


def test_a_final_report_has_no_mark_at_all() -> None:
    final = sample_report(now=END + 72 * HOUR)
    assert not any("provisional" in status for status in statuses(final).values())
    assert MARK not in render(final, "html", "en").decode()
    assert thaw(final.text).dataset.unsettled == ()


def test_only_the_rows_of_a_platform_that_settles_later_are_marked_then() -> None:
    dataset = sample_report(now=END + 73 * HOUR).dataset
    slow = [replace(one, lag_s=5 * 86_400) if one.platform == "bluesky" else one for one in dataset.methods]
    found = unsettled(slow, ends_at=END, now=END + 73 * HOUR)
    assert found == (Unsettled(platform="bluesky", until=END + 120 * HOUR),)
    late: ReachDataset = replace(dataset, unsettled=found)
    told = statuses(freeze(late))
    assert told["responses", "platform", "bluesky", "responses"] == "provisional"
    assert told["responses", "language", "ar", "responses"] == "provisional"
    assert told["responses", "channel", CHANNELS[0].name, "responses"] == "provisional"
    assert told["responses", "platform", "mastodon", "responses"] == "reported"
    assert told["output", "platform", "bluesky", "publications"] == "reported"
    page = read_page(render(freeze(late), "html", "en")).text
    assert f"Bluesky{MARK}" in page
    assert page.count(f"Responses{MARK}") == 2
    assert f"Mastodon{MARK}" not in page
    assert "Bluesky settles its figures later" in page
