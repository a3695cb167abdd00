"""The figures a weekly report must show for what was done, and those that its files do show."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from html import escape
from math import ceil
from pathlib import Path
from typing import Any, TypeAlias

from openpyxl import load_workbook

from tests.e2e.installation import Installation

FORMATS = ("csv", "json", "xlsx", "html")
SHEETS = {"responses": "Responses", "audience": "Audience"}
SPLITS = {"total": "Whole matrix", "channel": "By channel"}

Key: TypeAlias = tuple[str, str, str, str]  # section, dimension, key, measure
Told: TypeAlias = dict[Key, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel in the matrix."""

    channel: str
    platform: str
    language: str
    region: str
    zone: str

    def row(self, base_url: str, handle: str) -> dict[str, str]:
        """As a row of a table of channels."""
        return {
            "channel": self.channel,
            "platform": self.platform,
            "base_url": base_url,
            "handle": handle,
            "language": self.language,
            "region": self.region,
            "time_zone": self.zone,
            "operator": "Wang Lin",
        }

    @property
    def slices(self) -> dict[str, str]:
        """The key it has in each dimension of a report."""
        return {
            "total": "",
            "platform": self.platform,
            "language": self.language,
            "region": self.region,
            "channel": self.channel,
            "platform_language": f"{self.platform}/{self.language}",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back for one post on one channel."""

    post: str
    campaign: str
    place: Place
    reactions: int = 0
    comments: int = 0
    shares: int = 0

    @property
    def measures(self) -> dict[str, int]:
        """By the names a report gives them."""
        parts = {"reactions": self.reactions, "comments": self.comments, "shares": self.shares}
        return {"responses": sum(parts.values()), **parts}


def figures_of(responses: Iterable[Response]) -> dict[Key, int]:
    """Output and responses by every slice; counts of 0 included, for 0 is not absent."""
    figures: Counter[Key] = Counter()
    for one in responses:
        slices = [*one.place.slices.items(), ("campaign", one.campaign)]
        for dimension, key in slices:
            for measure in ("deliveries", "publications"):
                figures["output", dimension, key, measure] += 1
            for measure, count in one.measures.items():
                figures["responses", dimension, key, measure] += count
    return dict(figures)


def best_figures(responses: Iterable[Response]) -> dict[Key, int]:
    """Responses to the posts that a report shows as the best: the upper half of them."""
    by_post: dict[str, Counter[str]] = {}
    for one in responses:
        by_post.setdefault(one.post, Counter()).update(one.measures)
    ordered = sorted(by_post, key=lambda post: -by_post[post]["responses"])
    shown = ordered[: ceil(len(ordered) / 2)]
    return {
        ("best", "post", post, measure): count for post in shown for measure, count in by_post[post].items()
    }


def follower_figures(followers: Mapping[Place, int]) -> dict[Key, int]:
    """Follower totals by every slice."""
    figures: Counter[Key] = Counter()
    for place, count in followers.items():
        for dimension, key in place.slices.items():
            figures["audience", dimension, key, "followers"] += count
    return dict(figures)


def compare_report(installation: Installation, expected: Mapping[Key, int]) -> int:
    """Hold this week's report in all its formats against what was done; how many numbers were compared."""
    out = installation.folder / "report"
    week = f"{datetime.now(installation.zone):%G-W%V}"
    wanted = ("--week", week, "--format", ",".join(FORMATS), "--out", str(out))
    installation.run("report", "weekly", *wanted)
    csv_file, json_file, xlsx_file, page = (out / f"postroad-weekly-{week}.{name}" for name in FORMATS)
    best = json.loads(json_file.read_text(encoding="utf-8"))["best"]
    assert all(escape(post["text"]) in page.read_text(encoding="utf-8") for post in best)
    in_sheets = {key: due for key, due in expected.items() if key[0] in SHEETS and key[1] in SPLITS}
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
    """The figures of the whole matrix and of each channel in two sheets of a workbook in English."""
    with closing(load_workbook(path)) as book:
        return {
            (section, dimension, str(row[1] or ""), str(heading).lower()): value
            for section, title in SHEETS.items()
            for headings, *rows in [list(book[title].values)]
            for dimension, split in SPLITS.items()
            for row in rows
            if row[0] == split
            for heading, value in zip(headings[2:], row[2:], strict=True)
            if isinstance(value, int)
        }


def _compare(told: Told, expected: Mapping[Key, int]) -> int:
    """How many figures are right; fail with those that are wrong or absent."""
    wrong = {key: (told.get(key), due) for key, due in expected.items() if told.get(key) != due}
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
