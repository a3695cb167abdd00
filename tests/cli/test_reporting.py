"""`postroad harvest` and `postroad report weekly` as a person and as a machine use them."""

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.settings import Settings
from scheduler.cli import harvest, report  # noqa: F401 - importing them adds their commands
from scheduler.cli.app import Invocation, app
from scheduler.core.problems import Refused
from scheduler.reports.rendering import makeable
from scheduler.services.runtime import Runtime


@pytest.fixture
def invocation(settings: Settings, runtime: Runtime) -> Invocation:
    return Invocation(settings=settings, open_runtime=lambda _settings: runtime)


def run(invocation: Invocation, *words: str) -> str:
    """What the command printed; raises what it raised."""
    result = CliRunner().invoke(app, words, obj=invocation, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_a_report_is_printed_and_written_and_is_the_same_the_second_time(
    invocation: Invocation, tmp_path: Path
) -> None:
    told = run(
        invocation, "report", "weekly", "--week", "2026-W40", "--out", str(tmp_path / "new" / "folder")
    )
    names = [f"postroad-weekly-2026-W40.{ending}" for ending in makeable()]
    assert all(name in told.replace("\n", "") for name in names)
    first = (tmp_path / "new" / "folder" / names[-1]).read_bytes()
    described = json.loads(
        run(invocation, "report", "weekly", "--week", "2026-W40", "--out", str(tmp_path), "--json")
    )
    assert (tmp_path / names[-1]).read_bytes() == first
    assert described["sha256"] == hashlib.sha256(first).hexdigest()
    assert [Path(path).name for path in described["files"]] == names


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [
        ("--week", "2026-W54", "2026-W54"),
        ("--week", "2999-W01", "2999-W01"),
        ("--format", "html,pptx", "pptx"),
        ("--lang", "tlh", "tlh"),
    ],
)
def test_a_wrong_option_is_refused_by_name_and_writes_nothing(
    invocation: Invocation, tmp_path: Path, option: str, value: str, named: str
) -> None:
    folder = tmp_path / "reports"
    with pytest.raises(Refused, match=named):
        run(invocation, "report", "weekly", option, value, "--out", str(folder))
    assert not folder.exists()


def test_a_harvest_of_nothing_says_so_to_machines(invocation: Invocation) -> None:
    assert json.loads(run(invocation, "harvest", "--json")) == {
        "publications": 0,
        "audiences": 0,
        "samples": 0,
        "gone": 0,
        "failures": [],
    }
