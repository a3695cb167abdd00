"""Real processes and an older copy of their database, from which nothing was sent since it was made."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.sandbox import SandboxServer
from scheduler.store.engine import sqlite_file
from tests.e2e.installation import Installation, open_accounts, wait_until
from tests.servers.backups import Backup

CHANNELS = [("news-fr", "mastodon", "fr", "Europe/Paris"), ("news-en", "telegram", "en", "Europe/London")]
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


def in_journal(installation: Installation, what: str = "") -> int:
    """How often the journals of all processes say that something was decided by a command that begins so."""
    files = (installation.folder / "data" / "journal").glob("*.jsonl")
    return sum(file.read_text().count(f'"what":"{what}') for file in files)


@pytest.mark.slow
def test_what_was_cancelled_corrected_and_paused_does_not_go_out_from_an_older_copy(
    installation: Installation, sandbox: SandboxServer, backup: Backup
) -> None:
    """The copy is put back under the processes that run, which find it out before the posts are due.

    When that is goes by how long this machine took to set up: about as long as for what follows.
    """
    begun_at = datetime.now(UTC)
    open_accounts(installation, sandbox, CHANNELS)
    installation.run("members", "add", "Mei", "--role", "reviewer")
    pace = datetime.now(UTC) - begun_at
    due = datetime.now(UTC) + 6 * pace + timedelta(seconds=10)
    planned = [post(name, due) for name in ("cancelled", "corrected", "paused")]
    installation.import_posts("posts.csv", planned, approver="Mei")
    backup.take()
    known = in_journal(installation)
    with installation.publishing() as processes:
        # Who starts later knows of the pause from its start, and that a planner knows would not be told.
        wait_until(lambda: in_journal(installation) >= known + len(processes))
        changed = [post("cancelled", due, channels="news-fr"), post("corrected", due) | {"text.en": "Closed"}]
        installation.run("import", str(installation.write_table("changed.csv", changed)))
        installation.run("pause", "--channel", "news-fr", "--reason", "mourning")
        wait_until(lambda: in_journal(installation, PAUSED) > 1)
        backup.put_back()
        left = due - datetime.now(UTC)
        assert left > timedelta(0), "what came before took more than six times as long as setting up"
        time.sleep((left + pace).total_seconds() + 3)
    assert "postroad recover" in installation.run("run", fails=True).stderr
    assert sandbox.control.posts() == []

    assert [one["what"] for one in installation.json("recover")["decided"]] == ["import", PAUSED]
    installation.run("recover", "--yes")
    installation.run("run")
    assert installation.states() == {"held": 6}
    assert sandbox.control.posts() == []
