"""`postroad readings` as a person and as a machine use it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.settings import Settings
from scheduler.cli import readings  # noqa: F401 - importing it adds its commands
from scheduler.cli.app import Invocation, app
from scheduler.core.manual import METRICS
from scheduler.core.problems import Refused
from scheduler.services.runtime import Runtime
from scheduler.testing import FakeClock
from tests.services.tables import enrol
from tests.services.test_manual import ROW, SCREEN


@pytest.fixture
def invocation(settings: Settings, runtime: Runtime, clock: FakeClock, tmp_path: Path) -> Invocation:
    enrol(runtime, tmp_path, [SCREEN])
    clock.set(datetime(2026, 11, 24, 8, tzinfo=UTC))
    return Invocation(settings=settings, open_runtime=lambda _settings: runtime)


def run(invocation: Invocation, *words: str) -> str:
    """What the command printed; raises what it raised."""
    result = CliRunner().invoke(app, ["readings", *words], obj=invocation, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_a_template_is_printed_filled_in_imported_and_listed(invocation: Invocation, tmp_path: Path) -> None:
    table = tmp_path / "readings.csv"
    template = run(invocation, "template")
    table.write_text(template, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        run(invocation, "import", str(table))
    assert {problem.column for problem in refused.value.problems} == {
        "metric",
        "value",
        "first_day",
        "source",
    }
    heading, row = template.lstrip("\ufeff").splitlines()
    filled = ",".join(f'"{ROW[name]}"' for name in heading.split(","))
    assert row.startswith("screen,")
    table.write_text(f"\ufeff{heading}\n{filled}\n", encoding="utf-8")
    assert json.loads(run(invocation, "import", str(table), "--json"))["added"] == 1
    assert "0 added, 0 corrected, 1 unchanged" in run(invocation, "import", str(table))
    [entered] = json.loads(run(invocation, "list", "--json"))
    assert (entered["value"], entered["source"], entered["by"]) == (120_000, ROW["source"], "Lin")
    assert ROW["source"] in run(invocation, "list")


def test_what_can_be_counted_is_listed_with_its_meaning(invocation: Invocation) -> None:
    told = run(invocation, "metrics")
    assert all(name in told for name in METRICS)
    assert [one["name"] for one in json.loads(run(invocation, "metrics", "--json"))] == list(METRICS)
