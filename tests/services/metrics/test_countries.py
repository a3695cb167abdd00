"""Followers by country: entered with a source, corrected and kept, and reported over what was entered."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook

from scheduler.core.figures import Figure, Reason
from scheduler.core.problems import Refused
from scheduler.core.weeks import Week
from scheduler.reports.dataset import ReachDataset
from scheduler.services.members import add_member
from scheduler.services.metrics.countries import list_splits, splits_template
from scheduler.services.metrics.entering import ImportedReadings
from scheduler.services.metrics.manual import import_readings
from scheduler.services.reach.reporting import open_report, weekly_report
from scheduler.services.reach.wanting import want_campaign
from scheduler.services.runtime import Runtime
from scheduler.store.metrics.countries import latest_splits
from scheduler.testing import FakeClock
from tests.reports.books import Books
from tests.services.metrics.test_manual import SCREEN
from tests.services.tables import ONE_DATABASE, admin, blocking, enrol, write_table

WEEK = Week.parse("2026-W47")
OVER = datetime(2026, 11, 24, 8, tzinfo=UTC)
SOURCE = "page statistics, screenshot of the desk"
ARABIC, ENGLISH, FRENCH, SPANISH = "bluesky-ar", "bluesky-en", "mastodon-fr", "mastodon-es"


def numbers(channel: str, as_of: str, **followers: int) -> list[dict[str, str]]:
    return [row(channel, as_of, country, followers=str(count)) for country, count in followers.items()]


def shares(channel: str, as_of: str, **percent: str) -> list[dict[str, str]]:
    return [row(channel, as_of, country, followers_share=share) for country, share in percent.items()]


def row(
    channel: str, as_of: str, country: str, *, followers: str = "", followers_share: str = ""
) -> dict[str, str]:
    return {
        "channel": channel,
        "as_of": as_of,
        "country": country,
        "followers": followers,
        "followers_share": followers_share,
        "source": SOURCE,
    }


CAIRO = numbers(ARABIC, "2026-11-18", EG=600, SA=250, other=150)


@pytest.fixture
def over(runtime: Runtime, clock: FakeClock, tmp_path: Path) -> Runtime:
    """Five channels that go out and a screen; four of them had 1,000, 500, 300 and 200 followers in W47."""
    clock.set(OVER)
    books = Books(runtime, OVER - timedelta(days=30))
    for platform, language, region, followers in (
        ("bluesky", "ar", "EG", 1000),
        ("bluesky", "en", "GB", 500),
        ("mastodon", "fr", "FR", 300),
        ("mastodon", "es", "MX", 200),
    ):
        channel = books.channel(platform, language, region)
        books.follow(channel, at=OVER - timedelta(days=4), followers=followers)
    books.channel("wordpress", "zh-CN", "CN")
    enrol(runtime, tmp_path, [SCREEN])
    return runtime


def enter(runtime: Runtime, folder: Path, rows: Sequence[dict[str, str]]) -> ImportedReadings:
    return import_readings(runtime, write_table(folder / "countries.csv", rows), by=admin(runtime))


def done(*, added: int = 0, corrected: int = 0, unchanged: int = 0) -> ImportedReadings:
    return ImportedReadings(added=added, corrected=corrected, unchanged=unchanged, by_country=True)


def test_the_same_split_twice_enters_nothing_and_a_correction_keeps_the_old_one(
    over: Runtime, clock: FakeClock, tmp_path: Path
) -> None:
    london = numbers(ENGLISH, "2026-11-20", GB=300, EG=20)
    assert enter(over, tmp_path, [*CAIRO, *london]) == done(added=2)
    assert enter(over, tmp_path, [*london, *reversed(CAIRO)]) == done(unchanged=2)
    clock.advance(timedelta(hours=1))
    corrected = numbers(ARABIC, "2026-11-18", EG=620, SA=250)
    assert enter(over, tmp_path, [*corrected, *london]) == done(corrected=1, unchanged=1)
    told = [(one.key.channel, dict(one.amounts), one.corrected, one.by) for one in list_splits(over)]
    assert told == [
        (ARABIC, {"EG": 600, "SA": 250, "other": 150}, False, "Lin"),
        (ARABIC, {"EG": 620, "SA": 250}, True, "Lin"),
        (ENGLISH, {"GB": 300, "EG": 20}, False, "Lin"),
    ]
    assert {one.source for one in list_splits(over)} == {SOURCE}
    assert list_splits(over)[1].entered_at - list_splits(over)[0].entered_at == timedelta(hours=1)


def test_of_each_channel_the_last_day_until_then_holds_as_it_was_corrected(
    over: Runtime, tmp_path: Path
) -> None:
    enter(over, tmp_path, [*CAIRO, *numbers(ARABIC, "2026-11-02", EG=500)])
    enter(over, tmp_path, numbers(ARABIC, "2026-11-18", EG=601))
    enter(over, tmp_path, numbers(ARABIC, "2026-11-23", EG=700))
    for day, found in ((1, []), (2, [500]), (17, [500]), (18, [601]), (22, [601]), (23, [700])):
        with over.begin() as session:
            until = datetime(2026, 11, day, tzinfo=UTC).date()
            held = latest_splits(session, over.organisation_id, until=until)
        assert [one.amounts["EG"] for one in held] == found


@ONE_DATABASE
def test_one_bad_row_and_nothing_is_entered(over: Runtime, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        enter(
            over,
            tmp_path,
            [
                *CAIRO,
                *numbers(ENGLISH, "2026-11-20", GB=300, XX=3),
                *shares(FRENCH, "2026-11-20", FR="60", SN="50"),
                *numbers("bluesky-rr", "2026-11-20", GB=1, IE=2),
                *numbers(SPANISH, "2026-12-20", MX=3),
                row(SPANISH, "2026-11-20", "MX"),
            ],
        )
    assert [(number, column) for number, column, _ in blocking(refused.value)] == [
        (6, "country"),
        (7, "followers_share"),
        (9, "channel"),
        (11, "as_of"),
        (12, "followers"),
    ]
    assert list_splits(over) == []


@ONE_DATABASE
def test_a_missing_column_is_told_once(over: Runtime, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        enter(over, tmp_path, [{"channel": ARABIC, "country": "EG", "followers": "3"}] * 2)
    assert {(number, column) for number, column, _ in blocking(refused.value)} == {
        (1, "as_of"),
        (1, "source"),
    }


@ONE_DATABASE
def test_only_those_who_may_enter_readings(over: Runtime, tmp_path: Path) -> None:
    author = add_member(over, "Ana", "author", by=admin(over))
    with pytest.raises(Refused, match="may not enter readings: that takes"):
        import_readings(over, write_table(tmp_path / "a.csv", CAIRO), by=author)


@ONE_DATABASE
def test_a_workbook_with_cells_in_percent_is_read_like_a_table(over: Runtime, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.create_sheet(index=0)
    sheet.append(splits_template().strip().split(","))
    day = datetime(2026, 11, 20)  # noqa: DTZ001 - a cell has no zone
    sheet.append([FRENCH, day, "FR", None, 0.625, SOURCE])
    sheet.append([FRENCH, day, "SN", None, 0.1, SOURCE])
    for line in (2, 3):
        sheet[f"B{line}"].number_format, sheet[f"E{line}"].number_format = "yyyy-mm-dd", "0.0%"
    book.save(tmp_path / "countries.xlsx")
    import_readings(over, tmp_path / "countries.xlsx", by=admin(over))
    [split] = list_splits(over)
    assert (str(split.key.as_of), dict(split.amounts)) == ("2026-11-20", {"FR": 6250, "SN": 1000})


def reported(runtime: Runtime, folder: Path) -> ReachDataset:
    """The flash of W47, whose last day is 22 November, 92 days after 22 August."""
    enter(runtime, folder, numbers(ARABIC, "2026-11-18", EG=500))
    enter(
        runtime,
        folder,
        [
            *CAIRO,
            *numbers(ARABIC, "2026-11-23", EG=1),
            *numbers(ENGLISH, "2026-08-22", GB=300, EG=20),
            *shares(FRENCH, "2026-11-10", FR="62.5", SN="10.25"),
            *numbers(SPANISH, "2026-08-21", MX=150),
            *numbers("screen", "2026-11-15", CN=5000),
        ],
    )
    return weekly_report(runtime, WEEK).dataset


def test_the_report_adds_numbers_of_channels_that_go_out_and_says_how_many_they_are(
    over: Runtime, tmp_path: Path
) -> None:
    data = reported(over, tmp_path)
    total = data.by_country
    assert total
    assert [(one.key, one.measures["followers"].now) for one in total.rows] == [
        ("EG", Figure(value=600 + 20, known=2, of=2)),
        ("GB", Figure(value=300, known=1, of=2)),
        ("SA", Figure(value=250, known=1, of=2)),
        ("other", Figure(value=150, known=1, of=2)),
    ]
    assert (total.channels, total.of) == (2, 5), "shares and the screen are in no sum"
    assert (total.level, total.follower_total) == (1000 + 500, 1000 + 500 + 300 + 200)


def test_the_report_shows_each_split_with_its_day_and_source_and_else_a_reason(
    over: Runtime, tmp_path: Path
) -> None:
    data = reported(over, tmp_path)
    told = [(one.channel, str(one.as_of), dict(one.amounts), one.corrected) for one in data.splits]
    assert told == [
        (ARABIC, "2026-11-18", {"EG": 600, "SA": 250, "other": 150}, True),
        (ENGLISH, "2026-08-22", {"GB": 300, "EG": 20}, False),
        (FRENCH, "2026-11-10", {"FR": 6250, "SN": 1025}, False),
        ("screen", "2026-11-15", {"CN": 5000}, False),
    ]
    assert {(one.source, one.by) for one in data.splits} == {(SOURCE, "Lin")}
    assert [(one.platform, one.reason, one.channels) for one in data.countries] == [
        ("mastodon", Reason.TOO_OLD, (SPANISH,)),
        ("wordpress", Reason.NO_DEFINITION, ()),
    ]
    assert data.platforms["manual"]


def test_a_channel_beside_one_with_a_split_was_not_entered(over: Runtime, tmp_path: Path) -> None:
    enter(over, tmp_path, CAIRO)
    data = weekly_report(over, WEEK).dataset
    assert [(one.platform, one.reason, one.channels) for one in data.countries] == [
        ("bluesky", Reason.NOT_ENTERED, (ENGLISH,)),
        ("mastodon", Reason.NO_DEFINITION, ()),
        ("wordpress", Reason.NO_DEFINITION, ()),
    ]


def test_a_frozen_report_stays_as_it_is_when_a_split_is_corrected(over: Runtime, tmp_path: Path) -> None:
    reported(over, tmp_path)
    before = weekly_report(over, WEEK).text
    enter(over, tmp_path, numbers(ARABIC, "2026-11-18", EG=1))
    assert weekly_report(over, WEEK).text == before
    [kept, *_] = json.loads(before)["splits"]
    assert kept["amounts"] == {"EG": 600, "SA": 250, "other": 150}


def test_a_campaign_has_the_splits_of_the_channels_it_went_out_on(over: Runtime, tmp_path: Path) -> None:
    books = Books(over, OVER - timedelta(days=30))
    post = books.post("fair", {"ru": "Ярмарка"}, campaign="Fair")
    books.publish(post, books.channel("bluesky", "ru", "RU"), at=OVER - timedelta(days=5))
    enter(
        over,
        tmp_path,
        [*CAIRO, *numbers("bluesky-ru", "2026-11-19", RU=7), *numbers("screen", "2026-11-15", CN=5)],
    )
    data = open_report(over, want_campaign(over, "Fair", first=WEEK.monday, last=WEEK.sunday)).dataset
    assert [one.channel for one in data.splits] == ["bluesky-ru"]
    assert data.by_country
    assert (data.by_country.channels, data.by_country.of) == (1, 1)
