"""The presentation says the dataset's own figures, in the reader's direction, where it can be made."""

import io
import json
import re
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pptx import Presentation
from pptx.enum.chart import XL_AXIS_CROSSES
from pptx.util import Inches

from scheduler.core.figures import Reason, absent
from scheduler.core.problems import Refused
from scheduler.reports.dataset import Dimension, Section
from scheduler.reports.freezing import FrozenReport, freeze
from scheduler.reports.pptx.deck import WIDE
from scheduler.reports.rendering import FORMATS, makeable, render
from scheduler.reports.words.summary import PARTIAL
from scheduler.reports.words.wording import Words
from tests.reports.sample import ARABIC, MARKUP, START, half_read, sample_report

RESPONSES = ("reactions", "comments", "shares")


@pytest.fixture(scope="module")
def report() -> FrozenReport:
    return sample_report()


def in_json(report: FrozenReport, dimension: str, measure: str) -> dict[str, int | None]:
    tables = json.loads(render(report, "json", "en"))["tables"]
    return {
        row["key"]: row["measures"][measure]["now"]["value"]
        for row in tables["responses"]
        if row["dimension"] == dimension
    }


def opened(report: FrozenReport, language: str) -> list[Any]:
    return list(Presentation(io.BytesIO(render(report, "pptx", language))).slides)


def charts(slides: list[Any]) -> list[Any]:
    return [shape.chart for slide in slides for shape in slide.shapes if shape.has_chart]


def tables(slides: list[Any]) -> list[list[list[str]]]:
    found = [shape.table for slide in slides for shape in slide.shapes if shape.has_table]
    return [[[cell.text for cell in line.cells] for line in table.rows] for table in found]


@pytest.mark.parametrize("language", ["en", "zh-CN", "ar"])
def test_its_charts_hold_the_numbers_of_the_json_and_gaps_where_it_has_none(
    report: FrozenReport, language: str
) -> None:
    words, slides = Words(language), opened(report, language)
    trend, _followers, platforms, languages = charts(slides)
    for chart, dimension in ((platforms, "platform"), (languages, "language")):
        assert chart.value_axis._element.crosses.val == XL_AXIS_CROSSES.MAXIMUM, "figures stand below bars"
        named = [words.slice_name(report.dataset, row) for row in by(report, dimension)]
        for series, measure in zip(chart.plots[0].series, RESPONSES, strict=True):
            assert series.name == words.measure(measure)
            shown = dict(zip(chart.plots[0].categories, series.values, strict=True))
            expected = in_json(report, dimension, measure)
            assert shown == dict(zip(named, expected.values(), strict=True))
            assert None in shown.values()
    totals = [series.values[-1] for series in trend.plots[0].series]
    assert totals == [in_json(report, "total", measure)[""] for measure in RESPONSES]


def test_a_time_in_which_another_thing_was_counted_is_a_gap_of_the_trend(report: FrozenReport) -> None:
    data = report.dataset
    [total] = data.rows(Section.RESPONSES, Dimension.TOTAL)
    redefined = absent(Reason.DEFINITION_CHANGED)
    sum_ = replace(total.measures["responses"], change=redefined)
    measures = {**total.measures, "responses": sum_}
    rows = (replace(total, measures=measures), *data.tables[Section.RESPONSES][1:])
    changed = freeze(replace(data, tables={**data.tables, Section.RESPONSES: rows}))
    shown = [charts(opened(one, "en"))[0].plots[0].series[0].values for one in (report, changed)]
    assert [values[-2] is None for values in shown] == [False, True]
    assert [values[-1] for values in shown] == [total.measures["reactions"].now.value] * 2


def test_a_time_without_a_bar_is_told_with_its_reason(report: FrozenReport) -> None:
    trend = opened(report, "en")[2]
    said = "\n".join(shape.text_frame.text for shape in trend.shapes if shape.has_text_frame)
    assert "Followers, 2025-W47: not reported" in said


def test_a_running_period_is_drawn_beside_no_whole_one_and_headed_as_what_it_has_so_far() -> None:
    preview = sample_report(now=START + timedelta(days=3))
    slides = opened(preview, "en")
    [followers] = charts(slides[2:3])
    assert [series.name for series in followers.plots[0].series] == ["Followers"]
    assert tables(slides)[0][0][:3] == ["", "2026-W47, so far", "2026-W46"]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_stands_beside_its_slide(report: FrozenReport, language: str) -> None:
    slides = opened(report, language)
    assert tables(slides)[0][0][4:], "a year before: two columns more"
    for shape in (shape for slide in slides for shape in slide.shapes):
        assert shape.left >= 0
        wide = sum(column.width for column in shape.table.columns) if shape.has_table else shape.width
        assert shape.left + wide <= Inches(WIDE)


def test_a_star_is_explained_on_each_slide_that_has_one(report: FrozenReport) -> None:
    """Until 2026-11-23 only on that of the key figures, which a room may not have before it any more."""
    starred = 0
    for slide in opened(freeze(half_read(report.dataset)), "en"):
        said = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        cells = [text for table in tables([slide]) for line in table for text in line]
        if any(text.rstrip().endswith("*") for part in (*said, *cells) for text in part.splitlines()):
            starred += 1
            assert any(PARTIAL in text for text in said), said
    assert starred == 4


@pytest.mark.parametrize("language", ["en", "ar"])
def test_its_tables_say_them_in_the_reader_s_words_and_direction(report: FrozenReport, language: str) -> None:
    words, slides = Words(language), opened(report, language)
    figures = {line[0]: line[1] for line in tables(slides)[0]}
    total = in_json(report, "total", "responses")[""]
    assert total is not None
    assert figures[words.measure("responses")].rstrip("*") == words.number(total)
    assert slides[0].shapes.title.text == words.say("Weekly reach report")
    directions = {paragraph._p.pPr.get("rtl") for paragraph in slides[1].shapes.title.text_frame.paragraphs}
    assert directions == {"1" if language == "ar" else "0"}
    said = [shape.text_frame.text for slide in slides for shape in slide.shapes if shape.has_text_frame]
    assert any(ARABIC in text for text in said)
    assert any(MARKUP in text for text in said)


def test_its_titles_and_times_are_written_as_in_chinese(report: FrozenReport) -> None:
    slides = opened(report, "zh-CN")
    titles = [slide.shapes.title.text for slide in slides]
    expected = {f"互动：按{by}，2026年第47周" for by in ("平台", "语种")}
    assert expected <= {title.rstrip("†").strip() for title in titles}
    assert tables(slides)[0][0][1] == "2026年第47周"
    said = [shape.text_frame.text for slide in slides for shape in slide.shapes if shape.has_text_frame]
    assert [text for text in said if re.search("[\u4e00-\u9fff]: ", text)] == []


def test_without_python_pptx_the_other_formats_are_made_and_what_to_install_is_said(
    report: FrozenReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "pptx" in makeable()
    monkeypatch.setitem(sys.modules, "pptx", None)
    assert set(FORMATS) - set(makeable()) == {"pptx"}
    with pytest.raises(Refused, match=r"postroad\[pptx\]"):
        render(report, "pptx", "en")


def by(report: FrozenReport, dimension: str) -> list[Any]:
    return [row for row in report.dataset.tables["responses"] if row.dimension == dimension]  # type: ignore[index]
