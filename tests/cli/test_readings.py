"""`postroad readings` as a person and as a machine use it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduler.cli import readings  # noqa: F401 - importing it adds its commands
from scheduler.core.manual import METRICS
from scheduler.core.problems import Refused
from scheduler.services.runtime import Runtime
from scheduler.testing import FakeClock
from tests.cli.running import Run
from tests.services.metrics.test_manual import ROW, SCREEN
from tests.services.tables import enrol


@pytest.fixture(autouse=True)
def screen(runtime: Runtime, clock: FakeClock, tmp_path: Path) -> None:
    """A screen whose last week is over."""
    enrol(runtime, tmp_path, [SCREEN])
    clock.set(datetime(2026, 11, 24, 8, tzinfo=UTC))


def test_a_template_is_printed_filled_in_imported_and_listed(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "readings.csv"
    template = run("readings", "template")
    table.write_text(template, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        run("readings", "import", str(table))
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
    assert json.loads(run("readings", "import", str(table), "--json"))["added"] == 1
    assert "0 added, 0 corrected, 1 unchanged" in run("readings", "import", str(table))
    [entered] = json.loads(run("readings", "list", "--json"))
    assert (entered["value"], entered["source"], entered["by"]) == (120_000, ROW["source"], "Lin")
    assert ROW["source"] in run("readings", "list")


def test_followers_by_country_are_entered_by_the_same_command_and_listed(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "countries.csv"
    heading = run("readings", "template", "--countries").lstrip("\ufeff").strip()
    assert "followers by country" in run("readings", "list", "--countries")
    for egypt in ("600", "1,600"):
        rows = [f'screen,2026-11-18,EG,"{egypt}",,page', "screen,2026-11-18,other,30,,page"]
        table.write_text("\n".join([heading, *rows]), encoding="utf-8")
        said = run("readings", "import", str(table))
    assert "Splits by country: 0 added, 1 corrected, 0 unchanged" in said
    done = json.loads(run("readings", "import", str(table), "--json"))
    assert (done["unchanged"], done["by_country"]) == (1, True)
    first, second = json.loads(run("readings", "list", "--countries", "--json"))
    assert (first["amounts"], second["amounts"]) == ({"EG": 600, "other": 30}, {"EG": 1600, "other": 30})
    assert (first["corrected"], second["corrected"], second["by"]) == (False, True, "Lin")
    listed = run("readings", "list", "--countries")
    assert "1,600" in listed
    assert "corrects the one before" in " ".join(listed.split())


def test_what_can_be_counted_is_listed_with_its_meaning(run: Run) -> None:
    told = run("readings", "metrics")
    assert all(name in told for name in METRICS)
    assert [one["name"] for one in json.loads(run("readings", "metrics", "--json"))] == list(METRICS)
