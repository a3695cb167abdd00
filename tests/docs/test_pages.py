"""The generated pages say what the code says."""

import subprocess
import sys
from pathlib import Path

from connectors.registry import connectors
from docs.generate import DOCS, stale, write
from docs.generating.states import MEANINGS, diagram
from scheduler.core.states import EDGES, State
from tests.house_rules.sources import HOME


def generate(*arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, where nobody has chosen a language yet."""
    command = [sys.executable, "-m", "docs.generate", *arguments]
    return subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)


def test_no_page_is_stale() -> None:
    checked = generate("--check")
    assert (checked.returncode, checked.stdout) == (0, ""), checked.stdout + checked.stderr


def test_a_changed_or_missing_page_is_stale(tmp_path: Path) -> None:
    write(stale(tmp_path), tmp_path)
    assert stale(tmp_path) == {}
    (tmp_path / "reference" / "settings.md").write_text("# Settings\n")
    (tmp_path / "connectors" / "telegram.md").unlink()
    assert sorted(map(str, stale(tmp_path))) == ["connectors/telegram.md", "reference/settings.md"]


def test_every_state_has_its_sentence_and_every_edge_its_arrow() -> None:
    assert set(MEANINGS) == set(State)
    drawn = diagram()
    assert all(f"    {source} --> {target}\n" in drawn for source in EDGES for target in EDGES[source])


def test_what_people_learnt_about_a_platform_stands_on_its_page() -> None:
    for name in connectors():
        learnt = (DOCS / "connectors" / "quirks" / f"{name}.md").read_text(encoding="utf-8").strip()
        assert learnt in (DOCS / "connectors" / f"{name}.md").read_text(encoding="utf-8")
