"""The demo's posts: texts from the files beside this one, dated from today, as a table of posts."""

import csv
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from importlib.resources import files
from pathlib import Path

from scheduler.core.weeks import Week
from workers.demo.art import paint

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
COLUMNS = ("post", "campaign", "at", "zone", "lateness", "channels", "link", "media")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A post without its date: `day` and `at` of week `week` (0 is the present one), or `after_s` from now.

    `text` is by column name after `text.`, `alt` by language with one line a picture.
    """

    ref: str
    channels: str
    lateness: str
    text: Mapping[str, str]
    campaign: str = ""
    week: int = 0
    day: str = DAYS[0]
    at: time = time()
    after_s: int = 0
    zone: str = "audience"
    link: str = ""
    pictures: Sequence[str] = ()
    alt: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def wall_at(self, present: Week) -> datetime:
        """Its naive wall time."""
        day = present.monday + timedelta(weeks=self.week, days=DAYS.index(self.day))
        return datetime.combine(day, self.at)

    def cells(self, wall_at: datetime) -> dict[str, str]:
        """Its row of the table."""
        columns: dict[str, object] = {
            "post": self.ref,
            "campaign": self.campaign,
            "at": wall_at,
            "zone": self.zone,
            "lateness": self.lateness,
            "channels": self.channels,
            "link": self.link,
            "media": "|".join(f"{name}.jpg" for name in self.pictures),
        }
        texts = {f"text.{name}": text for name, text in self.text.items()}
        alts = {f"alt.{language}": "|".join(lines) for language, lines in self.alt.items()}
        return {name: str(value) for name, value in columns.items()} | texts | alts


def read_stories(folder: str = "") -> list[Story]:
    """The stories of a folder of texts by name: the weeks' own, or those of `live`."""
    place = files("workers.demo") / "stories" / folder
    names = sorted(entry.name for entry in place.iterdir() if entry.name.endswith(".toml"))
    return [
        Story(ref=name.removesuffix(".toml"), **tomllib.loads((place / name).read_text(encoding="utf-8")))
        for name in names
    ]


def write_posts(path: Path, dated: Iterable[tuple[Story, datetime]]) -> None:
    """The table that `postroad import` takes, with the pictures beside it."""
    dated = sorted(dated, key=lambda pair: pair[1])
    rows = [story.cells(wall_at) for story, wall_at in dated]
    extra = dict.fromkeys(name for row in rows for name in row if name not in COLUMNS)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, (*COLUMNS, *sorted(extra)), restval="")
        table.writeheader()
        table.writerows(rows)
    for name in {name for story, _ in dated for name in story.pictures}:
        paint(name, path.with_name(f"{name}.jpg"))
