"""Followers by country as a table tells them: read row by row, put together by channel and day."""

from datetime import date
from importlib.resources import files

import pytest

from scheduler.core.countries import (
    COUNTRIES,
    OTHER,
    CountryRow,
    SplitMeasure,
    read_country_row,
    splits_of,
)
from scheduler.core.problems import Problem

TODAY = date(2026, 11, 24)
ROW = {
    "channel": "cairo",
    "as_of": "2026-11-20",
    "country": "EG",
    "followers": "1,200",
    "followers_share": "",
    "source": "page statistics, screenshot",
}
SHARE = ROW | {"followers": ""}


def read(cells: dict[str, str], row: int = 2) -> CountryRow:
    found, problems = read_country_row(row, cells, today=TODAY)
    assert found, problems
    return found


def told(*problems: Problem) -> list[tuple[int | None, str | None, str]]:
    return [(one.row, one.column, one.message.format(**one.params)) for one in problems]


def test_the_countries_are_those_of_the_standard() -> None:
    lines = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text().splitlines()
    assert {line[:2] for line in lines if line and not line.startswith("#")} == COUNTRIES


@pytest.mark.parametrize(
    ("cell", "code"), [("eg", "EG"), ("other", OTHER), ("Unknown", OTHER), ("其他", OTHER)]
)
def test_a_country_is_its_code_or_the_rest(cell: str, code: str) -> None:
    assert read(ROW | {"country": cell}).country == code


@pytest.mark.parametrize(
    ("cell", "meant"), [("Egypt", "EG"), ("埃及", "EG"), ("مصر", "EG"), ("UK", "GB"), ("germany", "DE")]
)
def test_a_name_or_an_old_code_is_refused_with_the_code_that_it_means(cell: str, meant: str) -> None:
    _, problems = read_country_row(7, ROW | {"country": cell}, today=TODAY)
    assert told(*problems) == [(7, "country", f"no country “{cell}”: did you mean {meant}?")]


@pytest.mark.parametrize("cell", ["XX", "EU", "ZZ", "001", "EGY", ""])
def test_what_is_no_country_is_refused(cell: str) -> None:
    _, problems = read_country_row(7, ROW | {"country": cell}, today=TODAY)
    assert [(row, column) for row, column, _ in told(*problems)] == [(7, "country")]


@pytest.mark.parametrize(
    ("cell", "hundredths"),
    [("12.5", 1250), ("12,5 %", 1250), ("12.5%", 1250), ("0", 0), ("100", 10_000), ("33.333％", 3333)],
)
def test_a_share_is_percent_however_it_is_written(cell: str, hundredths: int) -> None:
    found = read(SHARE | {"followers_share": cell})
    assert (found.measure, found.amount) == (SplitMeasure.SHARE, hundredths)


@pytest.mark.parametrize("cell", ["<1", "100.5", "-3", "half", "1,234.5"])
def test_what_is_no_share_is_refused(cell: str) -> None:
    _, problems = read_country_row(2, SHARE | {"followers_share": cell}, today=TODAY)
    assert [(row, column) for row, column, _ in told(*problems)] == [(2, "followers_share")]


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"followers": ""}, "followers"),
        ({"followers_share": "5"}, "followers"),
        ({"followers": "1.2K"}, "followers"),
        ({"as_of": "2026-11-25"}, "as_of"),
        ({"as_of": "20.11.2026"}, "as_of"),
        ({"source": ""}, "source"),
        ({"channel": ""}, "channel"),
    ],
)
def test_every_problem_of_a_row_has_its_column(changes: dict[str, str], column: str) -> None:
    found, problems = read_country_row(3, ROW | changes, today=TODAY)
    assert found is None
    assert {(row, at) for row, at, _ in told(*problems)} == {(3, column)}


def test_today_may_stand() -> None:
    assert read(ROW | {"as_of": "2026-11-24"}).key.as_of == TODAY


def test_rows_of_a_channel_and_day_are_one_split_with_the_rest_last() -> None:
    cells = (
        ROW | {"country": "other", "followers": "900"},
        ROW | {"country": "SA", "followers": "250"},
        ROW,
        ROW | {"as_of": "2026-11-13"},
    )
    splits, problems = splits_of([read(one, row) for row, one in enumerate(cells, 2)])
    assert not problems
    assert [(str(one.key.as_of), list(one.amounts.items())) for one in splits] == [
        ("2026-11-20", [("EG", 1200), ("SA", 250), (OTHER, 900)]),
        ("2026-11-13", [("EG", 1200)]),
    ]


@pytest.mark.parametrize(
    ("second", "found"),
    [
        (ROW, (3, "country")),
        (SHARE | {"country": "SA", "followers_share": "5"}, (3, "followers_share")),
        (ROW | {"country": "SA", "source": "a call"}, (3, "source")),
    ],
)
def test_rows_that_contradict_each_other_are_refused(second: dict[str, str], found: tuple[int, str]) -> None:
    _, problems = splits_of([read(ROW, 2), read(second, 3)])
    assert [(row, column) for row, column, _ in told(*problems)] == [found]


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        (("60", "40.5"), None),
        (("60", "40.51"), "the shares of this split add up to 100.51 %: more than all followers"),
        (("0.6", "0.4"), "the shares of this split add up to 1 %: write 12.5 for 12.5 %, not 0.125"),
        (("0.6",), None),
    ],
)
def test_shares_are_of_all_followers_and_no_fractions(shares: tuple[str, ...], words: str | None) -> None:
    rows = [
        read(SHARE | {"country": country, "followers_share": share}, row)
        for row, (country, share) in enumerate(zip(("EG", "SA"), shares, strict=False), 2)
    ]
    _, problems = splits_of(rows)
    assert told(*problems) == ([(2, "followers_share", words)] if words else [])
