"""Goals and what is worth a look stand in every rendering, and old datasets without them stay as they are."""

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook
from pptx import Presentation
from rich.console import Console

from scheduler.core.figures import Figure, Reason, exactly
from scheduler.core.goals import Aim, Moment
from scheduler.core.notes import Note, Worth
from scheduler.core.outlook import Band
from scheduler.core.progress import Closed, Progress, TargetChange
from scheduler.core.reasons import Claim, Side, Trait, Why
from scheduler.reports.dataset import ManualFigure
from scheduler.reports.freezing import FrozenReport, freeze, thaw
from scheduler.reports.rendering import render
from scheduler.reports.terminal import render_terminal
from scheduler.reports.tidy import tidy
from scheduler.reports.words import goal_words, reason_words
from scheduler.reports.words.wording import Words
from tests.reports.page import read_page
from tests.reports.sample import MARKUP, sample_report

AT = datetime(2026, 11, 22, 16, tzinfo=UTC)
LANGUAGES = ("en", "zh-CN", "ar")
BY_HAND = ManualFigure(
    channel="screen",
    title="Screen",
    language="en",
    region="GB",
    metric="plays",
    version="1",
    value=12,
    first_day=AT.date(),
    last_day=AT.date(),
    post="",
    source="a log",
    by="Lin",
    entered_at=AT,
    corrects=None,
)


def progress(aim: Aim, *, start: Figure, actual: Figure, band: Band | None = None) -> Progress:
    change = TargetChange(target=1000, phases=(), set_at=AT, by="Lin", reason="")
    closed = Closed(
        moment=Moment.MID_YEAR,
        as_of=AT,
        target=1000,
        plan=500,
        value=actual,
        definitions=(),
        by="Lin",
        frozen_at=AT,
    )
    return Progress(
        aim=aim,
        as_of=AT,
        target=1000,
        phases=(),
        start=start,
        plan=exactly(890),
        actual=actual,
        band=band,
        definitions=(),
        changes=(change,),
        closed=(closed,),
    )


@pytest.fixture(scope="module")
def report() -> FrozenReport:
    unknown = Figure(value=None, reason=Reason.NO_DEFINITION)
    goals = (
        progress(
            Aim(year=2026, measure="responses", dimension="language", key="ar"),
            start=exactly(0),
            actual=exactly(700),
            band=Band(low=745, high=801, weeks=40),
        ),
        progress(
            Aim(year=2026, measure="followers", dimension="total", key=""),
            start=exactly(500),
            actual=exactly(600),
        ),
        progress(
            Aim(year=2026, measure="shares", dimension="platform", key="telegram"),
            start=exactly(0),
            actual=unknown,
        ),
    )
    note = Note(
        worth=Worth.SILENT,
        platform="telegram",
        language="ru",
        channels=(MARKUP,),
        figures={"days": 6, "usual": 1, "gaps": 19},
        since=AT,
    )
    return freeze(replace(sample_report().dataset, goals=goals, notes=(note,)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_every_figure_of_a_goal_and_a_gap_where_there_is_none(
    report: FrozenReport, language: str
) -> None:
    page = read_page(render(report, "html", language))
    shown = page.figures()
    assert shown["goals", "language", "ar", "responses.actual"] == "700"
    assert shown["goals", "total", "", "followers.plan"] == "890"
    assert shown["goals", "platform", "telegram", "shares.actual"] is None
    words = Words(language)
    assert goal_words.likely(report.dataset.goals[0], words) in page.text
    assert words.say(goal_words.TOO_FEW_WEEKS) in page.text
    assert MARKUP in page.text
    assert not page.all("script")


def test_a_slide_has_so_many_goals_that_all_that_was_frozen_has_its_room(report: FrozenReport) -> None:
    goal = report.dataset.goals[0]
    long = replace(goal, closed=(*goal.closed, replace(goal.closed[0], moment=Moment.YEAR_END)))
    many = freeze(replace(report.dataset, goals=(long,) * 14))
    slides = Presentation(io.BytesIO(render(many, "pptx", "en"))).slides
    shapes = [shape for slide in slides if slide.shapes.title.text == "Goals 2026" for shape in slide.shapes]
    tables = [[*shape.table.rows] for shape in shapes if shape.has_table]
    assert [len(rows) for rows in tables] == [7, 7]
    assert tables[1][6].cells[6].text == "Mid-year 700\nYear-end 700"
    assert "2 more are in the workbook and on the web page." in shapes[-1].text_frame.text


@pytest.mark.parametrize(("by_hand", "goals", "last"), [(1, 1, 9), (1, 0, 8), (0, 1, 8), (0, 0, 7)])
def test_sections_are_numbered_without_a_hole_whichever_there_are(
    report: FrozenReport, by_hand: int, goals: int, last: int
) -> None:
    dataset = replace(report.dataset, goals=report.dataset.goals[:goals], manual=(BY_HAND,) * by_hand)
    numbered = re.findall(r'class="no">(\d+)<', render(freeze(dataset), "html", "en").decode())
    assert numbered == [str(number) for number in range(1, last + 1)]


def test_a_level_is_measured_from_where_it_began(report: FrozenReport) -> None:
    responses, followers, shares = report.dataset.goals
    # 700 of 1,000 responses; followers 100 of the 500 from 500 to 1,000; shares are not reported at all.
    assert [one.way for one in (responses, followers, shares)] == [(700, 1000), (100, 500), None]
    assert goal_words.way(followers, Words("en")) == "20%"
    assert goal_words.drawn(followers) == (20.0, 78.0)
    assert goal_words.drawn(shares) is None


def test_a_year_that_is_over_has_nothing_likely_any_more(report: FrozenReport) -> None:
    responses, followers, _ = report.dataset.goals
    words = Words("en")
    assert [goal_words.likely(one, words) for one in (responses, followers)] == [
        "745 to 801",
        "too few weeks",
    ]
    assert goal_words.likely(replace(followers, plan=exactly(1000)), words) == "–"


def test_csv_and_workbook_hold_what_the_page_shows(report: FrozenReport) -> None:
    lines = csv.DictReader(io.StringIO(render(report, "csv", "en").decode("utf-8-sig")))
    goals = {(one["key"], one["measure"]): one for one in lines if one["section"] == "goals"}
    assert goals["ar", "responses.actual"]["value"] == "700"
    assert goals["ar", "responses.mid-year"]["value"] == "700"
    assert (goals["", "followers.actual"]["unit"], goals["ar", "responses.low"]["value"]) == (
        "followers",
        "745",
    )
    assert goals["telegram", "shares.actual"]["status"] == "missing"
    book = load_workbook(io.BytesIO(render(report, "xlsx", "en")))
    heads, *rows = book["Goals"].iter_rows(values_only=True)
    assert heads[:4] == ("Goal", "Target", "Plan to date", "Reached")
    assert rows[0][1:4] == (1000, 890, 700)
    assert rows[2][3] == "not reported"
    # 700 of 1,000 as a number in percent; its band and what was frozen each in a column of its own.
    assert (rows[0][4:8], book["Goals"]["E2"].number_format) == ((0.7, 745, 801, 700), "0.0%")
    assert MARKUP in str(book["Worth a look"]["A2"].value)


def test_of_goals_only_what_may_move_is_provisional(report: FrozenReport) -> None:
    flash = replace(sample_report(now=AT).dataset, goals=report.dataset.goals[:1])
    told = {one.measure: one.status for one in tidy(flash) if one.section == "goals"}
    assert {name for name, status in told.items() if "provisional" in status} == {
        "responses.actual",
        "responses.low",
        "responses.high",
    }
    assert {"responses.target", "responses.plan", "responses.mid-year"} <= told.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_terminal_tells_goals_and_notes(report: FrozenReport, language: str) -> None:
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(render_terminal(report.dataset, language))
    told = console.export_text()
    assert MARKUP in told
    assert goal_words.way(report.dataset.goals[0], Words(language)) in told


def test_goals_and_notes_are_frozen_and_reports_without_them_show_none(report: FrozenReport) -> None:
    assert thaw(report.text).dataset == report.dataset
    plain = sample_report()
    older = plain.text.replace(',"goals":[]', "").replace(',"notes":[]', "")
    assert older != plain.text
    opened = thaw(older)
    assert opened.text == older
    assert not [one for one in tidy(opened.dataset) if one.section == "goals"]
    assert 'id="goals"' not in render(opened, "html", "en").decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_ranked_post_says_why_where_the_report_knows(language: str) -> None:
    dataset = sample_report().dataset
    claim = Claim(
        trait=Trait.FORMAT, value="image", alike=Side(count=9, mean=45.0), others=Side(count=10, mean=15.5)
    )
    known = Why(channel=MARKUP, responses=1050, median=20.0, count=19, claims=(claim,))
    explained = freeze(replace(dataset, best=tuple(replace(post, why=known) for post in dataset.best)))
    text = read_page(render(explained, "html", language)).text
    assert all(line in text for line in reason_words.sentences(known, Words(language)))
    assert thaw(explained.text).dataset == explained.dataset
    assert 'class="why"' not in render(freeze(dataset), "html", language).decode()
