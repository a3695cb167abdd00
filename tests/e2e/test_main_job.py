"""The main job as users do it: a table of posts in, publications out, a report at the end."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.sandbox import SandboxServer
from tests.e2e.installation import Installation, open_accounts, wait_until

CHANNELS = [
    ("news-ar", "bluesky", "ar", "Africa/Cairo"),
    ("news-fr", "mastodon", "fr", "Europe/Paris"),
    ("news-en", "telegram", "en", "Europe/London"),
    ("site-zh", "wordpress", "zh-CN", "Asia/Shanghai"),
]
TEXTS = {"ar": "متحف جديد على النهر", "fr": "Un musée au bord du fleuve", "en": "A museum by the river"}
TEXTS["zh-CN"] = "河畔新馆\n今日开门迎客。"


def post(name: str, at: datetime, **fields: str) -> dict[str, str]:
    texts = {f"text.{language}": f"{text} {name}" for language, text in TEXTS.items()}
    wall = at.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M:%S")
    return {"post": name, "at": wall, "zone": "Asia/Shanghai", "channels": "*"} | texts | fields


def settled(installation: Installation) -> bool:
    """Nobody works on a delivery any more; in doubt may be the 20 on Telegram only, which cannot tell."""
    states = installation.states()
    return states["published"] + states["unconfirmed"] == 80 and states["unconfirmed"] <= 20


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """The sandbox on the real clock."""
    with SandboxServer(seed=1) as server:
        yield server


def test_a_table_of_posts_becomes_publications_and_a_report(
    installation: Installation, sandbox: SandboxServer, tmp_path: Path
) -> None:
    open_accounts(installation, sandbox, CHANNELS)
    installation.run("members", "add", "Mei", "--role", "reviewer")
    now = datetime.now(ZoneInfo("UTC"))
    rows = [post("now-1", now), post("now-2", now), post("soon", now + timedelta(seconds=15))]
    installation.import_posts("posts.csv", rows, approver="Mei")
    installation.import_posts("posts.csv", rows, approver="Mei")
    assert len(installation.json("queue")) == 12

    with installation.publishing():
        wait_until(lambda: installation.states()["published"] == 12)

    seen = Counter(
        (entry.platform, entry.text) for entry in sandbox.control.log() if entry.effect == "create"
    )
    assert set(seen.values()) == {1}
    assert len(sandbox.control.posts()) == 12
    for shown in sandbox.control.posts():
        if shown.platform != "telegram":
            sandbox.control.add_reaction(
                shown.remote_id, "comment" if shown.platform == "wordpress" else "like", 3
            )
    installation.run("harvest", "--all")
    out = tmp_path / "report"
    week = f"{now.astimezone(installation.zone):%G-W%V}"
    formats = "html,xlsx,csv,json"
    installation.run("report", "weekly", "--week", week, "--format", formats, "--out", str(out))
    assert sorted(path.suffix for path in out.iterdir()) == [".csv", ".html", ".json", ".xlsx"]
    dataset = json.loads(next(out.glob("*.json")).read_text(encoding="utf-8"))
    total = dataset["tables"]["responses"][0]["measures"]
    assert (total["reactions"]["now"]["value"], total["comments"]["now"]["value"]) == (18, 9)


def test_what_a_killed_process_left_is_published_once_by_the_next(
    installation: Installation, sandbox: SandboxServer
) -> None:
    environment = {**installation.environment, "POSTROAD_LEASE_S": "10"}
    installation = replace(installation, environment=environment)
    open_accounts(installation, sandbox, CHANNELS)
    installation.run("members", "add", "Mei", "--role", "reviewer")
    now = datetime.now(ZoneInfo("UTC"))
    rows = [post(f"burst-{number}", now) for number in range(20)]
    installation.import_posts("posts.csv", rows, approver="Mei")
    sandbox.control.set_quotas(enforced=False)
    with installation.publishing() as processes:
        wait_until(lambda: len(sandbox.control.posts()) > 5)
        processes[-1].kill()
        processes[-1].start()
        wait_until(lambda: settled(installation), seconds=240)
    created = Counter(
        (entry.platform, entry.text) for entry in sandbox.control.log() if entry.effect == "create"
    )
    assert max(created.values()) == 1
