"""Real processes and an older copy of their database, from which nothing was sent since it was made."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.sandbox import SandboxServer
from scheduler.store.engine import sqlite_file
from tests.e2e.installation import Installation, open_accounts, wait_until
from tests.servers.backups import Backup

CHANNELS = [("news-fr", "mastodon", "fr", "Europe/Paris"), ("news-en", "telegram", "en", "Europe/London")]
DUE_IN_S = 45
PAUSED = "pause --channel news-fr"


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """The sandbox on the real clock."""
    with SandboxServer(seed=1) as server:
        yield server


@pytest.fixture
def backup(installation: Installation, request: pytest.FixtureRequest) -> Iterator[Backup]:
    """Copies of the installation's database."""
    folder = installation.folder
    url = installation.environment.get("POSTROAD_DATABASE_URL", f"sqlite:///{folder}/data/postroad.db")
    server = None if sqlite_file(url) else request.getfixturevalue("postgres_server")
    backup = Backup(url, server=server, folder=folder)
    yield backup
    backup.drop()


def post(name: str, at: datetime, **fields: str) -> dict[str, str]:
    wall = f"{at:%Y-%m-%d %H:%M:%S}"
    texts = {"text.fr": f"Un musée {name}", "text.en": f"A museum {name}"}
    return {"post": name, "at": wall, "zone": "UTC", "channels": "news-fr,news-en"} | texts | fields


def in_journal(installation: Installation, what: str) -> int:
    """How often the journals of all processes say that this was decided."""
    files = (installation.folder / "data" / "journal").glob("*.jsonl")
    return sum(file.read_text().count(f'"what":"{what}"') for file in files)


@pytest.mark.slow
def test_what_was_cancelled_corrected_and_paused_does_not_go_out_from_an_older_copy(
    installation: Installation, sandbox: SandboxServer, backup: Backup
) -> None:
    """The copy is put back under the processes that run, which find it out."""
    open_accounts(installation, sandbox, CHANNELS)
    installation.run("members", "add", "Mei", "--role", "reviewer")
    due = datetime.now(ZoneInfo("UTC")) + timedelta(seconds=DUE_IN_S)
    planned = [post(name, due) for name in ("cancelled", "corrected", "paused")]
    installation.import_posts("posts.csv", planned, approver="Mei")
    backup.take()
    with installation.publishing():
        changed = [post("cancelled", due, channels="news-fr"), post("corrected", due) | {"text.en": "Closed"}]
        installation.run("import", str(installation.write_table("changed.csv", changed)))
        installation.run("pause", "--channel", "news-fr", "--reason", "mourning")
        wait_until(lambda: in_journal(installation, PAUSED) > 1, seconds=DUE_IN_S)
        backup.put_back()
        assert datetime.now(ZoneInfo("UTC")) < due, "this machine is too slow for this test"
        wait_until(lambda: datetime.now(ZoneInfo("UTC")) > due + timedelta(seconds=3), seconds=DUE_IN_S + 10)
    assert "postroad recover" in installation.run("run", fails=True).stderr
    assert sandbox.control.posts() == []

    assert [one["what"] for one in installation.json("recover")["decided"]] == ["import", PAUSED]
    installation.run("recover", "--yes")
    installation.run("run")
    assert installation.states() == {"held": 6}
    assert sandbox.control.posts() == []
