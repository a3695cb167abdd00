"""Reports of months, years and campaigns, and what each is compared with; old ones open as they were."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from connectors.bluesky.connector import Bluesky
from scheduler.core.figures import Figure, Reason
from scheduler.core.periods import Kind, period_named
from scheduler.core.problems import Refused
from scheduler.reports.dataset import Closing, Dimension, Measured, ReachDataset, Section
from scheduler.reports.freezing import FrozenReport, thaw
from scheduler.reports.rendering import FORMATS, file_name, render
from scheduler.services.reach.reporting import open_report, reach_report
from scheduler.services.reach.wanting import want_campaign
from scheduler.services.runtime import Runtime
from scheduler.testing import FakeClock
from tests.reports.books import Books
from tests.reports.page import Page, read_page

NOON = timedelta(hours=12)
DAY = timedelta(days=1)
FROZEN = Path(__file__).parent / "frozen"


def noon(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


def campaign_report(
    runtime: Runtime, name: str, *, first: date | None = None, last: date | None = None
) -> FrozenReport:
    return open_report(runtime, want_campaign(runtime, name, first=first, last=last))


@pytest.fixture
def books(runtime: Runtime) -> Books:
    """Three posts on bluesky-ar in Shanghai's October and September 2026 and October 2025.

    Responses: 5 in October 2025; 20 in September 2026; 30 in October, 10 of them of the campaign, on the
    8th, and 7 more of it in November. Followers: 100 at the end of October 2025, 300 at September's, 360 at
    October's. A site of the centre has nothing to do with the campaign.
    """
    books = Books(runtime, noon(2025, 9, 1))
    arabic = books.channel("bluesky", "ar", "EG")
    books.channel("wordpress", "zh", "CN")
    for ref, campaign, day, likes in (
        ("first", "", noon(2025, 10, 7), 5),
        ("second", "", noon(2026, 9, 7), 20),
        ("third", "", noon(2026, 10, 7), 20),
    ):
        publication = books.publish(books.post(ref, {"ar": ref}, campaign=campaign), arabic, at=day)
        books.read(publication, counted(likes), at=day + DAY)
    silk = books.publish(
        books.post("silk", {"ar": "حرير"}, campaign="Silk Road"), arabic, at=noon(2026, 10, 8)
    )
    books.read(silk, counted(10), at=noon(2026, 10, 8) + timedelta(hours=1))
    books.read(silk, counted(17), at=noon(2026, 11, 2))
    for day, followers in ((noon(2025, 10, 30), 100), (noon(2026, 9, 29), 300), (noon(2026, 10, 30), 360)):
        books.follow(arabic, at=day, followers=followers)
    return books


def counted(likes: int) -> dict[str, int]:
    return {"likeCount": likes, "repostCount": 0, "replyCount": 0, "quoteCount": 0}


def total(data: ReachDataset, section: Section, measure: str) -> Measured:
    return data.total(section)[measure]


def values(measured: Measured) -> list[int | None]:
    figures = (measured.now, measured.before, measured.change, measured.year_before, measured.year_change)
    return [figure.value if figure else None for figure in figures]


def test_a_month_is_compared_with_the_one_before_and_that_of_the_year_before(
    books: Books, clock: FakeClock
) -> None:
    clock.set(noon(2026, 11, 16))
    data = reach_report(books.runtime, Kind.MONTH).dataset
    assert (data.period.name, data.previous, data.year_before) == ("2026-10", "2026-09", "2025-10")
    assert values(total(data, Section.OUTPUT, "publications")) == [2, 1, 1, 1, 1]
    assert values(total(data, Section.RESPONSES, "responses")) == [30, 20, 10, 5, 25]
    assert values(total(data, Section.AUDIENCE, "followers")) == [360, 300, 60, 100, 260]


class OlderBluesky(Bluesky):
    """Bluesky when its counters meant something else."""

    capabilities = replace(
        Bluesky.capabilities,
        metrics=tuple(replace(metric, version="0") for metric in Bluesky.capabilities.metrics),
    )


def test_a_definition_changed_within_the_year_blocks_that_comparison_only(
    runtime: Runtime, clock: FakeClock
) -> None:
    older = Books(
        replace(runtime, connectors={**runtime.connectors, "bluesky": OlderBluesky()}), noon(2025, 9, 1)
    )
    books = Books(runtime, older.told_at)
    channel = books.channel("bluesky", "ar", "EG")
    for teller, ref, day, likes in (
        (older, "first", noon(2025, 10, 7), 5),
        (books, "second", noon(2026, 9, 7), 20),
        (books, "third", noon(2026, 10, 7), 30),
    ):
        publication = teller.publish(teller.post(ref, {"ar": ref}), channel, at=day)
        teller.read(publication, counted(likes), at=day + DAY)
    clock.set(noon(2026, 11, 16))
    responses = total(reach_report(runtime, Kind.MONTH).dataset, Section.RESPONSES, "responses")
    assert responses.change == Figure(value=10, known=1, of=1)
    assert responses.year_before == Figure(value=5, known=1, of=1)
    assert responses.year_change == Figure(value=None, reason=Reason.DEFINITION_CHANGED)


def test_a_year_closes_after_its_end_and_has_one_comparison(books: Books, clock: FakeClock) -> None:
    clock.set(noon(2026, 11, 16))
    year = period_named(Kind.YEAR, "2026")
    running = reach_report(books.runtime, Kind.YEAR, year).dataset
    assert running.closing is Closing.PREVIEW
    # 20 in September, 30 in October, 7 in November; of the year before the books have only four months.
    responses = total(running, Section.RESPONSES, "responses")
    assert values(responses) == [57, None, None, None, None]
    assert responses.change == Figure(value=None, reason=Reason.BASE_INCOMPLETE)
    assert values(total(running, Section.AUDIENCE, "followers"))[1] == 100
    assert reach_report(books.runtime, Kind.YEAR).dataset.period.name == "2025"
    clock.set(noon(2027, 1, 5))
    assert reach_report(books.runtime, Kind.YEAR, year).dataset.closing is Closing.FINAL


def test_a_campaign_is_reported_alone_over_its_own_days(books: Books, clock: FakeClock) -> None:
    clock.set(noon(2026, 11, 16))
    short = campaign_report(books.runtime, "Silk Road").dataset
    assert (short.scope, short.period.name) == ("Silk Road", "2026-10-08--2026-10-08")
    assert values(total(short, Section.OUTPUT, "publications")) == [1, None, None, None, None]
    assert total(short, Section.RESPONSES, "responses").now.value == 10
    assert [channel.name for channel in short.channels] == ["bluesky-ar"]
    assert [row.key for row in short.rows(Section.RESPONSES, Dimension.CAMPAIGN)] == ["Silk Road"]
    longer = campaign_report(books.runtime, "Silk Road", last=date(2026, 11, 3)).dataset
    assert total(longer, Section.RESPONSES, "responses").now.value == 17


def test_a_campaign_that_is_compared_with_no_period_names_none(books: Books, clock: FakeClock) -> None:
    clock.set(noon(2026, 11, 16))
    report = campaign_report(books.runtime, "Silk Road")
    assert "0 in this time" in read_page(render(report, "html", "en")).text
    book = load_workbook(BytesIO(render(report, "xlsx", "zh-CN")))
    assert "粉丝（期初）" in [cell.value for row in book["受众"].iter_rows() for cell in row]


def test_each_column_of_figures_has_its_head_where_nothing_is_before(books: Books, clock: FakeClock) -> None:
    # Followers have a change within a campaign, although nothing came before it.
    clock.set(noon(2026, 11, 16))
    tables = widths(read_page(render(campaign_report(books.runtime, "Silk Road"), "html", "en")))
    assert len(tables) == 6
    assert all(len(table) == 1 for table in tables), tables


def widths(page: Page) -> list[set[int]]:
    """How many cells the rows of each table of figures have, but for one that spans the table."""
    tables: list[list[int]] = []
    inside = False
    for element in page.elements:
        if element.tag == "table":
            inside = element.attributes.get("class") == "figures"
            tables += [[]] if inside else []
        elif inside and element.tag == "tr":
            tables[-1].append(0)
        elif inside and element.tag in ("td", "th") and "colspan" not in element.attributes:
            tables[-1][-1] += 1
    return [set(table) - {0} for table in tables]


def test_what_no_campaign_report_can_be_about_is_refused(books: Books) -> None:
    books.post("still", {"ar": "x"}, campaign="Still to come")
    for campaign, first, said in (
        ("Unknown", None, "no campaign"),
        ("Still to come", None, "went out yet"),
        ("Silk Road", date(2026, 10, 9), "before"),
    ):
        with pytest.raises(Refused, match=said):
            campaign_report(books.runtime, campaign, first=first)


def test_a_mistyped_campaign_is_refused_though_its_days_are_named(books: Books) -> None:
    """It was frozen as a report of a campaign in which nothing went out."""
    with pytest.raises(Refused) as refused:
        campaign_report(books.runtime, "Silk Raod", first=date(2026, 10, 1), last=date(2026, 10, 9))
    assert refused.value.problems[0].near == "Silk Road"


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_opens_a_second_time_as_the_same_bytes(books: Books, clock: FakeClock, kind: Kind) -> None:
    clock.set(noon(2026, 11, 20))

    def opened() -> FrozenReport:
        if kind is Kind.CAMPAIGN:
            return campaign_report(books.runtime, "Silk Road")
        return reach_report(books.runtime, kind)

    first = opened()
    clock.advance(30 * DAY)
    books.publish(
        books.post("late", {"ar": "x"}), books.channel("mastodon", "ar", "EG"), at=noon(2026, 10, 9)
    )
    books.publish(books.post("later", {"ar": "x"}), 1, at=noon(2025, 11, 9))
    again = (
        campaign_report(books.runtime, "Silk Road")
        if kind is Kind.CAMPAIGN
        else reach_report(books.runtime, kind, period_named(kind, first.dataset.period.name))
    )
    for format_name in ("csv", "json", "html", "xlsx"):
        assert render(again, format_name, "zh-CN") == render(first, format_name, "zh-CN")


def test_files_are_named_by_kind_and_campaign(books: Books, clock: FakeClock) -> None:
    clock.set(noon(2026, 11, 16))
    assert file_name(reach_report(books.runtime, Kind.MONTH), "csv", "en") == "postroad-monthly-2026-10.csv"
    assert file_name(reach_report(books.runtime, Kind.YEAR), "csv", "en") == "postroad-yearly-2025.csv"
    campaign = campaign_report(books.runtime, "Silk Road")
    assert (
        file_name(campaign, "html", "zh-CN")
        == "postroad-campaign-Silk-Road-2026-10-08--2026-10-08.zh-CN.html"
    )


def test_a_report_frozen_in_the_first_format_opens_as_the_same_bytes() -> None:
    text = (FROZEN / "weekly-1.json").read_text()
    report = thaw(text)
    assert (report.dataset.period.kind, report.dataset.period.name) == (Kind.WEEK, "2026-W47")
    assert report.dataset.previous == "2026-W46"
    assert render(report, "json", "en") == text.encode()
    assert render(report, "csv", "en") == (FROZEN / "weekly-1.csv").read_bytes()
    for format_name in set(FORMATS) - {"pdf"}:
        assert render(report, format_name, "zh-CN")
