"""Where an audience comes from is told as entered, else as a gap, and the same in every rendering."""

import csv
import io
import json
from dataclasses import replace

import pytest
from openpyxl import load_workbook
from pptx import Presentation

from connectors.counters.youtube import COUNTERS as YOUTUBE
from connectors.registry import connectors
from scheduler.core.figures import Reason
from scheduler.reports.dataset import FollowersByCountry
from scheduler.reports.figures.countries import countries_of
from scheduler.reports.figures.slicing import matrix_of
from scheduler.reports.freezing import FrozenReport, freeze, thaw
from scheduler.reports.rendering import render
from scheduler.reports.words.country_words import sentences
from scheduler.reports.words.wording import Words
from tests.reports.page import read_page
from tests.reports.sample import CHANNELS, FORMULA, WEEK, sample_facts, sample_report, sample_splits

BLUESKY = connectors()["bluesky"].capabilities
LANGUAGES = ("en", "zh-CN", "ar")
NUMBERS = {"EG": 600 + 18, "SA": 250, "RU": 30, "other": 150}


@pytest.fixture(scope="module")
def report() -> FrozenReport:
    return sample_report(splits=sample_splits())


def lines_of(report: FrozenReport) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render(report, "csv", "en").decode("utf-8-sig"))))


def test_a_platform_that_splits_a_figure_by_country_is_not_read_and_the_others_report_none() -> None:
    catalogue = {"bluesky": BLUESKY, "youtube": replace(BLUESKY, metrics=YOUTUBE.metrics)}
    first, second, *_ = CHANNELS
    matrix = matrix_of([first, replace(second, platform="youtube")])
    found = countries_of(matrix, catalogue, sample_facts(), (), last_day=WEEK.sunday)
    assert [(one.platform, one.reason, one.channels) for one in found.gaps] == [
        ("bluesky", Reason.NO_DEFINITION, ()),
        ("youtube", Reason.NOT_READ, ()),
    ]
    assert (found.splits, found.total) == ((), None)


@pytest.mark.parametrize("language", LANGUAGES)
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
    told = {one["key"]: one["reason"] for one in lines_of(report) if one["dimension"] == "platform_country"}
    assert told == dict.fromkeys(("bluesky", "mastodon", "telegram", "wordpress"), "no_definition")


def test_an_account_that_is_gone_has_no_countries_any_more() -> None:
    facts = sample_facts()
    levels = tuple(one._replace(gone=one.channel_id == 4) for one in facts.levels)
    catalogue = {name: connector.capabilities for name, connector in connectors().items()}
    found = countries_of(
        matrix_of(CHANNELS), catalogue, replace(facts, levels=levels), sample_splits(), last_day=WEEK.sunday
    )
    assert ("telegram", Reason.GONE, ("telegram-ru",)) in [
        (one.platform, one.reason, one.channels) for one in found.gaps
    ]
    assert found.total
    assert [one.key for one in found.total.rows] == ["EG", "SA", "other"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_the_workbook_the_slides_and_the_csv_have_the_same_sums(
    report: FrozenReport, language: str
) -> None:
    words = Words(language)
    names = {words.country_name(code): followers for code, followers in NUMBERS.items()}
    csv_sums = {one["key"]: int(one["value"]) for one in lines_of(report) if one["dimension"] == "country"}
    assert csv_sums == NUMBERS
    page = read_page(render(report, "html", language)).figures()
    assert {
        key: int(value or -1) for (_, dimension, key, _), value in page.items() if dimension == "country"
    } == NUMBERS
    book = load_workbook(io.BytesIO(render(report, "xlsx", language)))
    cells = list(book[words.say("Countries")].iter_rows(values_only=True))
    head = next(number for number, line in enumerate(cells) if line[0] == words.say("Country"))
    assert {line[0]: line[1] for line in cells[head + 1 :]} == names
    deck = Presentation(io.BytesIO(render(report, "pptx", language)))
    charts = [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    drawn = [dict(zip(one.plots[0].categories, one.series[0].values, strict=True)) for one in charts]
    assert names in drawn


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_split_stands_there_with_its_day_and_its_own_figures(
    report: FrozenReport, language: str
) -> None:
    words, text = Words(language), read_page(render(report, "html", language)).text
    for told in ("600", "62.5%", "10.25%", "5,000", "Lin", words.day(report.dataset.splits[0].as_of)):
        assert told in text
    book = load_workbook(io.BytesIO(render(report, "xlsx", language)))[words.say("Countries")]
    rows = [line for line in book.iter_rows(min_row=2, values_only=True) if line[0] == FORMULA]
    assert [(line[4], line[5], line[6]) for line in rows] == [
        ("GB", None, 0.625),
        ("KE", None, 0.1025),
        ("other", None, 0.05),
    ]


def test_the_csv_calls_them_manual_and_a_share_percent(report: FrozenReport) -> None:
    told = {one["key"].removeprefix("'"): one for one in lines_of(report) if one["section"] == "countries"}
    share, number = told[f"{FORMULA}/2026-11-10/GB"], told["bluesky-ar/2026-11-18/EG"]
    assert (share["measure"], share["value"], share["unit"]) == ("followers_share", "62.50", "percent")
    assert (number["measure"], number["value"], number["unit"]) == ("followers", "600", "followers")
    assert {one["status"] for one in told.values()} == {"manual"}
    assert told["SA"]["reason"] == "manual, source: 1 of 2 splits"
    gaps = {one["key"]: one["reason"] for one in lines_of(report) if one["dimension"] == "channel_country"}
    assert gaps["site"] == "too_old"


def test_of_how_much_the_sums_tell_is_said(report: FrozenReport) -> None:
    text = read_page(render(report, "html", "en")).text
    assert "Known in numbers for 2 of 4 channels, which have 100% of the follower total." in text
    assert "The last followers by country are more than 92 days old for site." in text
    assert "Manual channels are part of no sum." in text
    total = FollowersByCountry(rows=(), channels=5, of=12, level=71, follower_total=100)
    told = freeze(replace(report.dataset, by_country=total, splits=report.dataset.splits[:1]))
    text = read_page(render(told, "html", "en")).text
    assert "Known in numbers for 5 of 12 channels, which have 71% of the follower total." in text
    assert "Manual channels" not in text


def test_a_report_of_before_opens_as_it_was_and_says_nothing_of_countries() -> None:
    plain = json.loads(sample_report().text)
    for newer in ("countries", "splits", "by_country"):
        del plain[newer]
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    older = thaw(text)
    assert older.export() == text
    assert list(sentences(older.dataset, Words("en"))) == []
    assert "Countries of the audience" not in read_page(render(older, "html", "en")).text
    assert "Countries" not in load_workbook(io.BytesIO(render(older, "xlsx", "en"))).sheetnames


def test_a_gap_of_before_is_one_of_a_whole_platform() -> None:
    plain = json.loads(sample_report().text)
    for gap in plain["countries"]:
        del gap["channels"]
    older = thaw(json.dumps(plain))
    assert list(sentences(older.dataset, Words("en"))) == list(
        sentences(sample_report().dataset, Words("en"))
    )
    assert [one["key"] for one in lines_of(older) if one["dimension"] == "platform_country"] == [
        "bluesky",
        "mastodon",
        "telegram",
        "wordpress",
    ]
