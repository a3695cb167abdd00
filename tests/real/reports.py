"""What the files of a weekly report say, held against what was done."""

import csv
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any, TypeAlias

from openpyxl import load_workbook

from scheduler.reports.figures.settling import MARK
from tests.e2e.installation import Installation
from tests.real.figures import Key

FORMATS = ("csv", "json", "xlsx", "html")
SHEETS = {"responses": "Responses", "audience": "Audience"}
SPLITS = {"total": "Whole matrix", "channel": "By channel"}

Told: TypeAlias = dict[Key, int | None]
Expected: TypeAlias = Mapping[Key, int | None]


def compare_report(installation: Installation, expected: Expected) -> int:
    """Hold this week's report in all its formats against what was done; how many figures were compared.

    None is expected of a figure that must be missing: it is not 0.
    """
    out = installation.folder / "report"
    week = f"{datetime.now(installation.zone):%G-W%V}"
    wanted = ("--week", week, "--format", ",".join(FORMATS), "--out", str(out))
    installation.run("report", "weekly", *wanted)
    csv_file, json_file, xlsx_file, page = (out / f"postroad-weekly-{week}.{name}" for name in FORMATS)
    best = json.loads(json_file.read_text(encoding="utf-8"))["best"]
    assert all(escape(post["text"]) in page.read_text(encoding="utf-8") for post in best)
    in_sheets = {
        key: due for key, due in expected.items() if key[0] in SHEETS and key[1] in SPLITS and due is not None
    }
    return (
        _compare(told_by_csv(csv_file), expected)
        + _compare(told_by_json(json_file), expected)
        + _compare(told_by_xlsx(xlsx_file), in_sheets)
    )


def told_by_csv(path: Path) -> Told:
    """Every figure of a report's CSV; None where it has none."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return {_key(row): int(row["value"]) if row["value"] else None for row in csv.DictReader(file)}


def told_by_json(path: Path) -> Told:
    """Every figure of this week in a report's JSON; None where it has none."""
    dataset = json.loads(path.read_text(encoding="utf-8"))
    return {
        (*place, measure): figure["now"]["value"]
        for place, measures in _measures(dataset)
        for measure, figure in measures.items()
    }


def told_by_xlsx(path: Path) -> Told:
    """The figures of the whole matrix and of each channel in two sheets of a workbook in English.

    In a week that still runs every heading has the mark of what is provisional.
    """
    with closing(load_workbook(path)) as book:
        return {
            (section, dimension, str(row[1] or ""), str(heading).removesuffix(MARK).lower()): value
            for section, title in SHEETS.items()
            for headings, *rows in [list(book[title].values)]
            for dimension, split in SPLITS.items()
            for row in rows
            if row[0] == split
            for heading, value in zip(headings[2:], row[2:], strict=True)
            if isinstance(value, int)
        }


def _compare(told: Told, expected: Expected) -> int:
    """How many figures are right; fail with those that are wrong or not there at all."""
    wrong = {key: (told.get(key, "nothing"), due) for key, due in expected.items()}
    wrong = {key: (said, due) for key, (said, due) in wrong.items() if said != due}
    assert not wrong, f"told and done: {wrong}"
    return len(expected)


def _measures(dataset: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str, str], Mapping[str, Any]]]:
    for section, rows in dataset["tables"].items():
        for row in rows:
            yield (section, row["dimension"], row["key"]), row["measures"]
    for post in dataset["best"]:
        yield ("best", "post", post["ref"]), post["measures"]


def _key(row: Mapping[str, str]) -> Key:
    return row["section"], row["dimension"], row["key"], row["measure"]
