"""Where an audience comes from is told as a gap, platform by platform, in every rendering."""

import csv
import io
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from connectors.counters.youtube import COUNTERS as YOUTUBE
from connectors.registry import connectors
from scheduler.core.figures import Reason
from scheduler.reports.figures.countries import country_gaps, sentences
from scheduler.reports.freezing import freeze, thaw
from scheduler.reports.rendering import render
from scheduler.reports.words.wording import Words
from tests.reports.page import read_page
from tests.reports.sample import sample_report

BLUESKY = connectors()["bluesky"].capabilities


def test_a_platform_that_splits_a_figure_by_country_is_not_read_and_the_others_report_none() -> None:
    catalogue = {"bluesky": BLUESKY, "youtube": replace(BLUESKY, metrics=YOUTUBE.metrics)}
    gaps = country_gaps(catalogue, catalogue)
    assert [(one.platform, one.reason) for one in gaps] == [
        ("bluesky", Reason.NO_DEFINITION),
        ("youtube", Reason.NOT_READ),
    ]


@pytest.mark.parametrize("language", ["en", "zh-CN", "ar"])
def test_the_gap_is_said_on_the_page_and_stands_in_tables(language: str) -> None:
    report = sample_report()
    words = Words(language)
    [said] = sentences(report.dataset, words)
    assert "Telegram" in said
    assert said in read_page(render(report, "html", language)).text
    gaps = load_workbook(io.BytesIO(render(report, "xlsx", language)))[words.say("Gaps")]
    shown = {
        (row[1].value, row[3].value) for row in gaps if row[2].value == words.say("countries of the audience")
    }
    assert ("Telegram", words.say("not reported")) in shown
    lines = csv.DictReader(io.StringIO(render(report, "csv", language).decode("utf-8-sig")))
    told = {one["key"]: one["reason"] for one in lines if one["dimension"] == "platform_country"}
    assert told == dict.fromkeys(("bluesky", "mastodon", "telegram", "wordpress"), "no_definition")


def test_a_report_of_before_says_nothing_of_countries() -> None:
    older = thaw(freeze(replace(sample_report().dataset, countries=())).text)
    assert list(sentences(older.dataset, Words("en"))) == []
