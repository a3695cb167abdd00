"""Tables of channels and posts as the tests write them, and what came of an import."""

import csv
import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from connectors.sandbox import SandboxServer
from scheduler.core.problems import Problem, Refused
from scheduler.core.roles import Person
from scheduler.services.channels.connecting import connect
from scheduler.services.channels.enrolling import import_channels
from scheduler.services.members import add_member, find_member
from scheduler.services.runtime import Runtime

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is judged before any row is written: the kind of database makes no difference."""

MATRIX = (
    ("cairo", "bluesky", "ar", "EG", "Africa/Cairo"),
    ("london", "bluesky", "en-GB", "GB", "Europe/London"),
    ("mexico", "mastodon", "es-MX", "MX", "America/Mexico_City"),
    ("taipei", "telegram", "zh-TW", "TW", "Asia/Taipei"),
)
TEXTS = {
    "text.ar": "متحف جديد",
    "text.en": "A new museum",
    "text.es": "Un museo nuevo",
    "text.zh-Hant": "新博物館",
}
POST = {"post": "museum", "at": "2026-12-01 09:30", "zone": "audience", "channels": "*"} | TEXTS


def write_table(path: Path, rows: Sequence[dict[str, str]], *, separator: str = ",") -> Path:
    """A CSV file in UTF-8 with a column for every key that any row has."""
    headings = list(dict.fromkeys(key for row in rows for key in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, headings, delimiter=separator)
        table.writeheader()
        table.writerows(rows)
    return path


def channel_rows(base_url: str = "https://social.example") -> list[dict[str, str]]:
    """The rows of MATRIX, every account on one server."""
    return [
        {
            "channel": name,
            "platform": platform,
            "base_url": base_url,
            "handle": name,
            "language": language,
            "region": region,
            "time_zone": zone,
            "operator": "Wang Lin",
        }
        for name, platform, language, region, zone in MATRIX
    ]


def enrol(runtime: Runtime, folder: Path, rows: Sequence[dict[str, str]] | None = None) -> None:
    """Import channels, not connected."""
    table = write_table(folder / "channels.csv", rows or channel_rows())
    import_channels(runtime, table, by=admin(runtime))


def enrol_connected(runtime: Runtime, folder: Path, sandbox: SandboxServer) -> None:
    """Import MATRIX as accounts of the sandbox, and connect them."""
    accounts = {name: sandbox.control.create_account(platform, name) for name, platform, *_ in MATRIX}
    rows = channel_rows()
    for row in rows:
        account = accounts[row["channel"]]
        row |= {"base_url": account.base_url, "handle": account.handle}
    enrol(runtime, folder, rows)
    for name, account in accounts.items():
        connect(runtime, name, json.dumps(account.secret), by=admin(runtime))


def admin(runtime: Runtime) -> Person:
    """Lin, who set the installation up."""
    return find_member(runtime, "Lin")


def reviewer(runtime: Runtime) -> Person:
    """Mei, who may approve."""
    return add_member(runtime, "Mei", "reviewer", by=admin(runtime))


def picture(*, size: tuple[int, int] = (64, 48), noise: bool = False, kind: str = "JPEG") -> bytes:
    """An image file; with noise it does not compress."""
    image = Image.effect_noise(size, 90).convert("RGB") if noise else Image.new("RGB", size, "teal")
    out = BytesIO()
    image.save(out, kind, quality=97)
    return out.getvalue()


def blocking(refused: Refused) -> list[tuple[int | None, str | None, str]]:
    """(row, column, words) of what has to be mended."""
    return [told(problem) for problem in refused.problems if not problem.advice]


def told(problem: Problem) -> tuple[int | None, str | None, str]:
    """(row, column, words) of a problem, in English."""
    return problem.row, problem.column, problem.message.format(**problem.params)
