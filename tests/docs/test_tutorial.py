"""The tutorial is typed as it stands, on a machine's loopback, and ends as it says."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.reports.rendering import makeable
from tests.docs.markdown import shell_blocks
from tests.house_rules.sources import HOME
from tests.servers.ports import free_port

TUTORIAL, CHINESE = (
    (HOME / "docs" / name).read_text(encoding="utf-8") for name in ("tutorial.md", "tutorial.zh-CN.md")
)
LOOK = "postroad queue --all --json > ../queue.json\n"
REST = "sleep 15\n"
UNTIL_DONE = r"""for _ in $(seq 120); do
  sleep 1
  postroad queue --post kites-3 --all --json > three.json
  grep -Eq '"state": "(scheduled|ready|claimed|sending)"' three.json || break
done
"""


typed = pytest.mark.slow  # some forty commands, a minute and more


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder in which every command of the tutorial was typed, and what the terminal showed."""
    folder = tmp_path_factory.mktemp("tutorial")
    *blocks, tidy_up = shell_blocks(TUTORIAL, marked=False)
    script = "".join([*blocks, LOOK, tidy_up]).replace("8765", str(free_port())).replace(REST, UNTIL_DONE)
    assert UNTIL_DONE in script
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LANG": "C.UTF-8"}
    command = ["bash", "-c", script]
    shown = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1200,
        check=False,
    )
    return folder, shown.stdout


@typed
def test_deliveries_end_where_the_tutorial_says(walked: tuple[Path, str]) -> None:
    folder, shown = walked
    queue = json.loads((folder / "queue.json").read_text())
    states = {(one["post"], one["channel"]): one["state"] for one in queue}
    assert states == {
        ("kites-1", "kite-ar"): "published",
        ("kites-1", "kite-en"): "published",
        ("kites-1", "kite-es"): "published",
        ("kites-1", "kite-fr"): "published",
        ("kites-2", "kite-es"): "scheduled",
        ("kites-2", "kite-fr"): "scheduled",
        ("kites-3", "kite-ar"): "unconfirmed",
        ("kites-3", "kite-en"): "published",
    }, shown


@typed
def test_the_terminal_shows_what_the_tutorial_promises(walked: tuple[Path, str]) -> None:
    _folder, shown = walked
    for promised in (
        "row 2, column text.ar",
        "somebody else must approve it",
        "Telegram does not accept this secret",
        "not reported",
    ):
        assert promised in shown
    assert shown.count("أول طائرة ورقية في الجو.") == 2  # in `show`, and once on the sandbox
    assert "Traceback" not in shown


@typed
def test_the_report_is_there_in_every_format_and_language(walked: tuple[Path, str]) -> None:
    folder, _shown = walked
    kinds = sorted(path.name.split(".", 1)[1] for path in (folder / "kite-centre" / "reports").iterdir())
    assert kinds == sorted([*makeable(), "zh-CN.html"])


def test_both_languages_ask_to_type_the_same() -> None:
    assert shell_blocks(CHINESE) == shell_blocks(TUTORIAL)
