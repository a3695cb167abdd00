"""Readings by hand: entered with a source, corrected and kept, and reported apart from everything else."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from connectors.sandbox import SandboxServer
from scheduler.core.manual import read_manual_entry
from scheduler.core.problems import Refused
from scheduler.core.weeks import Week
from scheduler.reports.dataset import Dimension, Section
from scheduler.reports.freezing import FrozenReport, freeze, thaw
from scheduler.reports.rendering import render
from scheduler.services.channels.connecting import connect
from scheduler.services.channels.enrolling import import_channels
from scheduler.services.channels.matrix import find_channel, list_channels
from scheduler.services.members import add_member
from scheduler.services.metrics.entering import ImportedReadings
from scheduler.services.metrics.manual import import_readings, list_readings, readings_template
from scheduler.services.reach.reporting import open_report, weekly_report
from scheduler.services.reach.wanting import want_campaign
from scheduler.services.runtime import Runtime
from scheduler.services.writing.composing import import_posts
from scheduler.store.metrics.manual import add_readings
from scheduler.store.turns import take_turn
from scheduler.testing import FakeClock
from tests.reports.books import Books
from tests.services.tables import (
    ONE_DATABASE,
    POST,
    admin,
    blocking,
    channel_rows,
    enrol,
    enrol_connected,
    write_table,
)

WEEK = Week.parse("2026-W47")
OVER = datetime(2026, 11, 24, 8, tzinfo=UTC)
SCREEN = {
    "channel": "screen",
    "platform": "manual",
    "base_url": "",
    "handle": "户外大屏 南京路",
    "language": "zh-CN",
    "region": "CN",
    "time_zone": "Asia/Shanghai",
    "operator": "Sunrise Media",
}
PRESS = SCREEN | {"channel": "press", "handle": "Al-Ahram", "language": "ar", "region": "EG"}
ROW = {
    "channel": "screen",
    "metric": "contacts_estimated",
    "value": "120,000",
    "first_day": "2026-11-16",
    "last_day": "2026-11-22",
    "source": "Sunrise Media, invoice 47",
    "post": "",
}


@pytest.fixture
def over(runtime: Runtime, clock: FakeClock, tmp_path: Path) -> Runtime:
    """A screen and a newspaper were enrolled before the week, which is over now."""
    enrol(runtime, tmp_path, [SCREEN, PRESS])
    clock.set(OVER)
    return runtime


def enter(runtime: Runtime, folder: Path, *rows: dict[str, str]) -> ImportedReadings:
    return import_readings(runtime, write_table(folder / "readings.csv", rows), by=admin(runtime))


def test_nothing_can_be_published_to_a_manual_channel(
    runtime: Runtime, sandbox: SandboxServer, tmp_path: Path
) -> None:
    enrol_connected(runtime, tmp_path, sandbox)
    enrol(runtime, tmp_path, [SCREEN])
    table = write_table(tmp_path / "posts.csv", [POST])
    done = import_posts(runtime, table, author=admin(runtime))
    assert done.deliveries == len(channel_rows())
    with pytest.raises(Refused, match="nothing is published to screen: it takes manual readings only"):
        import_posts(
            runtime,
            write_table(tmp_path / "named.csv", [POST | {"post": "two", "channels": "cairo, screen"}]),
            author=admin(runtime),
        )
    with pytest.raises(Refused, match="there is nothing to connect"):
        connect(runtime, "screen", "{}", by=admin(runtime))


def test_a_channel_does_not_become_or_cease_to_be_a_manual_one(runtime: Runtime, tmp_path: Path) -> None:
    enrol(runtime, tmp_path, [SCREEN])
    assert [line.title for line in list_channels(runtime)] == [SCREEN["handle"]]
    table = write_table(
        tmp_path / "again.csv", [SCREEN | {"platform": "bluesky", "base_url": "https://a.example"}]
    )
    with pytest.raises(Refused) as refused:
        import_channels(runtime, table, by=admin(runtime))
    assert [(row, column) for row, column, _ in blocking(refused.value)] == [(2, "platform")]


def test_the_same_table_twice_enters_nothing_and_a_correction_is_kept(
    over: Runtime, clock: FakeClock, tmp_path: Path
) -> None:
    press = ROW | {"channel": "press", "metric": "copies_distributed", "value": "0"}
    assert enter(over, tmp_path, ROW, press) == ImportedReadings(added=2, corrected=0, unchanged=0)
    assert enter(over, tmp_path, ROW, press) == ImportedReadings(added=0, corrected=0, unchanged=2)
    clock.advance(timedelta(hours=1))
    corrected = ROW | {"value": "118000", "source": "Sunrise Media, credit note"}
    assert enter(over, tmp_path, corrected, press) == ImportedReadings(added=0, corrected=1, unchanged=1)
    told = [(one.value, one.source, one.by, one.corrects) for one in list_readings(over)]
    assert told == [
        (0, ROW["source"], "Lin", None),
        (120_000, ROW["source"], "Lin", None),
        (118_000, corrected["source"], "Lin", 120_000),
    ]


def test_a_workbook_is_read_like_a_table(over: Runtime, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.create_sheet(index=0)
    sheet.append(list(ROW))
    sheet.append(
        ["press", "copies_distributed", 4200, datetime(2026, 11, 16), None, "Press office", None]  # noqa: DTZ001 - a cell has no zone
    )
    sheet["D2"].number_format = "yyyy-mm-dd"
    book.save(tmp_path / "readings.xlsx")
    import_readings(over, tmp_path / "readings.xlsx", by=admin(over))
    [reading] = list_readings(over)
    assert (reading.value, str(reading.key.first_day), str(reading.key.last_day)) == (
        4200,
        "2026-11-16",
        "2026-11-16",
    )


@ONE_DATABASE
def test_every_problem_is_named_by_row_and_column(over: Runtime, tmp_path: Path) -> None:
    Books(over, OVER - timedelta(days=30)).channel("bluesky", "ar", "EG")
    with pytest.raises(Refused) as refused:
        enter(
            over,
            tmp_path,
            ROW,
            ROW | {"metric": "contacts", "value": "many", "source": "", "first_day": "16.11.2026"},
            ROW | {"first_day": "2026-11-20", "last_day": "2026-11-23"},
            ROW | {"metric": "visits", "last_day": "2026-11-30"},
            ROW | {"metric": "plays", "last_day": "2026-11-15"},
            ROW | {"channel": "sreen", "post": "nothing"},
            ROW | {"channel": "bluesky-ar"},
            ROW,
            ROW | {"channel": "sreen", "value": "many"},
        )
    found = {(row, column) for row, column, _ in blocking(refused.value)}
    assert found == {
        (3, "metric"),
        (3, "value"),
        (3, "source"),
        (3, "first_day"),
        (4, "first_day"),
        (5, "last_day"),
        (6, "last_day"),
        (7, "channel"),
        (7, "post"),
        (8, "channel"),
        (9, "metric"),
        (9, "first_day"),
        (10, "channel"),
        (10, "value"),
    }
    assert list_readings(over) == []


def test_days_that_are_in_the_books_do_not_count_twice(over: Runtime, tmp_path: Path) -> None:
    enter(over, tmp_path, ROW)
    with pytest.raises(Refused, match="2026-11-16 to 2026-11-22, which are in the books"):
        enter(over, tmp_path, ROW | {"first_day": "2026-11-22"})
    level = ROW | {"metric": "subscribers", "value": "900"}
    enter(over, tmp_path, level, level | {"first_day": "2026-11-20"})


@ONE_DATABASE
def test_only_those_who_may_enter_readings(over: Runtime, tmp_path: Path) -> None:
    author = add_member(over, "Ana", "author", by=admin(over))
    with pytest.raises(Refused, match="may not enter readings: that takes"):
        import_readings(over, write_table(tmp_path / "a.csv", [ROW]), by=author)


@ONE_DATABASE
def test_the_template_can_be_filled_in_and_imported(over: Runtime, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(readings_template(over))))
    assert [row["channel"] for row in rows] == ["press", "screen"]
    filled = [row | {**ROW, "channel": row["channel"]} for row in rows]
    assert enter(over, tmp_path, *filled).added == 2


def reported(runtime: Runtime, folder: Path) -> FrozenReport:
    """The flash of W47 with a corrected reading, one of another week and one that ends in this one."""
    enter(runtime, folder, ROW)
    enter(
        runtime,
        folder,
        ROW | {"value": "118000", "source": "=Sunrise credit note"},
        ROW | {"channel": "press", "metric": "copies_distributed", "value": "0", "source": "Press office"},
        ROW | {"metric": "visits", "value": "7", "first_day": "2026-11-09", "last_day": "2026-11-15"},
        ROW | {"metric": "plays", "value": "31", "first_day": "2026-10-20", "last_day": "2026-11-18"},
    )
    return weekly_report(runtime, WEEK)


def test_the_report_lists_them_apart_with_their_source(over: Runtime, tmp_path: Path) -> None:
    report = reported(over, tmp_path)
    told = [(one.channel, one.metric, one.value, one.corrects) for one in report.dataset.manual]
    assert told == [
        ("press", "copies_distributed", 0, None),
        ("screen", "contacts_estimated", 118_000, 120_000),
        ("screen", "plays", 31, None),
    ]
    assert {one.source for one in report.dataset.manual} >= {"=Sunrise credit note", "Press office"}
    assert {one.metric for one in report.dataset.methods} == {
        "copies_distributed",
        "contacts_estimated",
        "plays",
    }
    rows = [row for table in report.dataset.tables.values() for row in table]
    assert {row.dimension for row in rows} == {Dimension.TOTAL}, "nothing goes out there: not even a 0 stands"
    assert not report.dataset.channels
    assert report.dataset.total(Section.RESPONSES)["responses"].now.value is None
    assert report.dataset.platforms["manual"] == "Manual readings"
    again = thaw(report.text)
    assert again.dataset == report.dataset
    assert freeze(again.dataset).text == report.text


def test_every_rendering_says_that_they_are_manual(over: Runtime, tmp_path: Path) -> None:
    report = reported(over, tmp_path)
    lines = csv.DictReader(io.StringIO(render(report, "csv", "en").decode("utf-8-sig")))
    [line] = [one for one in lines if one["section"] == "manual" and one["measure"] == "contacts_estimated"]
    assert (line["value"], line["status"], line["unit"]) == ("118000", "manual", "contacts_estimated")
    assert line["reason"] == "manual, source: =Sunrise credit note"
    assert line["key"] == "screen/2026-11-16/2026-11-22"
    [first, *_] = json.loads(render(report, "json", "en"))["manual"]
    assert (first["channel"], first["source"]) == ("press", "Press office")
    for language, words in (("en", "manual, source: "), ("zh-CN", "人工录入"), ("ar", "يدوي")):
        page = render(report, "html", language).decode()
        assert words in page
        assert "Sunrise credit note" in page
        assert [words in page for words in ("Manual readings", "own definition")] == [language == "en"] * 2
    book = load_workbook(io.BytesIO(render(report, "xlsx", "en")))
    cells = {cell.value for row in book["Manual readings"] for cell in row}
    assert {118_000, "=Sunrise credit note", "screen"} <= cells


def test_a_campaign_has_the_readings_of_its_posts_only(over: Runtime, tmp_path: Path) -> None:
    books = Books(over, OVER - timedelta(days=30))
    post = books.post("fair", {"ar": "معرض"}, campaign="Fair")
    books.publish(post, books.channel("bluesky", "ar", "EG"), at=OVER - timedelta(days=5))
    enter(over, tmp_path, ROW, ROW | {"metric": "visits", "value": "9", "post": "fair"})
    wanted = want_campaign(over, "Fair", first=WEEK.monday, last=WEEK.sunday)
    report = open_report(over, wanted)
    assert [(one.metric, one.value, one.post) for one in report.dataset.manual] == [("visits", 9, "fair")]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, ImportedReadings(added=0, corrected=0, unchanged=1)),
        ({"value": "130,000"}, ImportedReadings(added=0, corrected=1, unchanged=0)),
        ({"first_day": "2026-11-20"}, "which are in the books"),
    ],
)
def test_of_two_imports_at_once_the_second_sees_what_the_first_entered(
    over: Runtime, tmp_path: Path, changes: dict[str, str], found: ImportedReadings | str
) -> None:
    table = write_table(tmp_path / "second.csv", [ROW | changes])
    entry, _ = read_manual_entry(2, ROW, today=OVER.date())
    assert entry
    by = admin(over)
    with ThreadPoolExecutor(1) as pool:
        with over.begin() as session:
            take_turn(session, over.organisation_id)
            second = pool.submit(import_readings, over, table, by=by)
            # Long enough for an import that waits for nobody to have read the books as they still are.
            wait([second], timeout=0.5)
            assert not second.done()
            screen = find_channel(session, over.organisation_id, "screen").id
            add_readings(session, [entry], channels={"screen": screen}, posts={}, by=by, entered_at=OVER)
        if isinstance(found, ImportedReadings):
            assert second.result(timeout=30) == found
        else:
            with pytest.raises(Refused, match=found):
                second.result(timeout=30)
    assert len(list_readings(over)) == 1 + bool(changes.get("value"))
