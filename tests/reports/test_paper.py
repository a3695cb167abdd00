"""What is printed is what a person reads: long lists end early and say where the rest is."""

from dataclasses import replace

from scheduler.core.figures import Figure
from scheduler.core.notes import Note, Worth
from scheduler.reports.dataset import Dimension, ReachDataset, Restatement, Row, Section
from scheduler.reports.freezing import freeze
from scheduler.reports.grid import PLACES_ON_PAPER
from scheduler.reports.pages.html import LINES_ON_PAPER, render_html, style_on_paper
from tests.reports.page import read_page
from tests.reports.sample import sample_report

MANY = 40


def test_a_long_list_and_a_large_matrix_end_early_on_paper_only() -> None:
    report = freeze(crowded(sample_report().dataset))
    paper = read_page(render_html(report, "en", paper=True)).text
    page = read_page(render_html(report, "en")).text
    assert f"{MANY - LINES_ON_PAPER} more are in the workbook and on the web page." in paper
    assert f"{MANY - PLACES_ON_PAPER} more are in the workbook and on the web page." in paper
    assert "more are in the workbook" not in page
    assert "Region 39" in page


def test_what_is_worth_a_look_ends_early_on_paper_only() -> None:
    """Until 2026-11-22 a matrix of 2,000 channels printed 85 pages of it."""
    note = Note(
        worth=Worth.SILENT,
        platform="telegram",
        language="ru",
        channels=("telegram-ru",),
        figures={"days": 6, "usual": 1, "gaps": 19},
        since=sample_report().dataset.built_at,
    )
    report = freeze(replace(sample_report().dataset, notes=(note,) * (LINES_ON_PAPER + 30)))
    more = "30 more are in the workbook and on the web page."
    assert more in read_page(render_html(report, "en", paper=True)).text
    assert more not in read_page(render_html(report, "en")).text


def test_what_was_restated_ends_early_on_paper_only() -> None:
    """Until 2026-11-23 a late import that moved 22,849 figures took gigabytes to print."""
    data = sample_report().dataset
    moved = Restatement(
        period="2026-W46",
        section=Section.OUTPUT,
        dimension=Dimension.TOTAL,
        key="total",
        measure="published",
        old=Figure(value=3),
        new=Figure(value=4),
        noticed_at=data.built_at,
    )
    report = freeze(replace(data, restatements=(moved,) * (LINES_ON_PAPER + 31)))
    more = "31 more are in the workbook and on the web page."
    assert more in read_page(render_html(report, "en", paper=True)).text
    assert more not in read_page(render_html(report, "en")).text


def test_paper_leaves_no_name_of_a_colour_to_its_renderer() -> None:
    style = style_on_paper("ar")
    assert "var(--seal)" not in style
    assert "var(--sans)" not in style
    assert "@top-right" in style


def crowded(data: ReachDataset) -> ReachDataset:
    """The responses of one slice as those of 40 regions, each with a channel of its own."""
    rows = data.tables[Section.RESPONSES]
    measures = next(row.measures for row in rows if row.key == "bluesky")
    regions = [f"Region {number}" for number in range(MANY)]
    kept = [row for row in rows if row.dimension not in (Dimension.REGION, Dimension.PLACE)]
    by_region = [Row(dimension=Dimension.REGION, key=name, measures=measures) for name in regions]
    places = [Row(dimension=Dimension.PLACE, key=f"bluesky/ar/{name}", measures=measures) for name in regions]
    channels = tuple(replace(data.channels[0], name=name, language="ar", region=name) for name in regions)
    return replace(
        data, channels=channels, tables={**data.tables, Section.RESPONSES: (*kept, *by_region, *places)}
    )
