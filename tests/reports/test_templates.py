"""Templates are compiled once, and kept where Python keeps what it compiled of our modules."""

import sys
from pathlib import Path

import pytest

from scheduler.reports.pages.html import compile_templates, environment
from scheduler.reports.rendering import render
from tests.reports.sample import sample_report


@pytest.fixture(autouse=True)
def _may_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def test_what_one_process_compiled_the_next_one_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, kept = rendered(tmp_path, monkeypatch), compiled(tmp_path)
    assert kept
    assert rendered(tmp_path, monkeypatch) == first
    assert compiled(tmp_path) == kept


def test_what_is_compiled_ahead_is_not_compiled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_anew(tmp_path, monkeypatch)
    compile_templates()
    kept = compiled(tmp_path)
    rendered(tmp_path, monkeypatch)
    assert kept
    assert compiled(tmp_path) == kept


def test_a_page_is_made_also_where_nothing_may_or_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = rendered(Path("/proc/none"), monkeypatch)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert rendered(tmp_path, monkeypatch) == page
    assert not compiled(tmp_path)


def rendered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The first page of a process."""
    begin_anew(folder, monkeypatch)
    return render(sample_report(), "html", "en")


def begin_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a process does whose bytecode belongs into this folder."""
    monkeypatch.setattr(sys, "pycache_prefix", str(folder))
    environment.cache_clear()


def compiled(folder: Path) -> dict[Path, int]:
    """When each template that is kept there was compiled."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.cache")}
