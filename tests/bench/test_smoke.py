"""The benchmarks run: small sizes, so that only what is true at any size is asserted, never a speed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.figures import at_least, at_most, percentile
from tests.house_rules.sources import HOME

pytestmark = pytest.mark.slow

SIZES = {
    "burst": "--posts 40 --lead-s 5",
    "bookkeeping": "--deliveries 200 --compared 20 --channels 5 --lead-s 5",
    "whole_path": "--httpx 60 --fast 60 --lead-s 5",
    "idle": "--seconds 2 --settle-s 1",
    "pause": "--posts 200 --channels 20 --lead-s 5 --watch-s 2",
    "recall": "--posts 6 --channels 2",
    "reach": "--samples 10000 --channels 40",
    "reach on SQLite": "--samples 10000 --channels 10 --sqlite",
}
NONE_MAY_BE = "≤ 0"


@pytest.mark.parametrize("name", SIZES)
def test_it_measures_and_tells(name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench", name.partition(" ")[0], *SIZES[name].split(), "--json"]
    done = subprocess.run(command, cwd=HOME, capture_output=True, text=True, timeout=1200, check=False)
    assert done.stdout, done.stderr
    told = json.loads(done.stdout)
    assert told["machine"]["cores"] > 0
    assert told["parameters"]
    assert all(figure["value"] >= 0 for figure in told["figures"])
    assert not [figure for figure in told["figures"] if figure["floor"] == NONE_MAY_BE and figure["value"]]


def test_a_floor_is_kept_or_missed() -> None:
    assert at_most("late", 3.0, "s", 3).good
    assert not at_most("late", 3.1, "s", 3).good
    assert at_least("rate", 2.0, "1/s", 2, 3).good
    assert at_least("rate", 1.0, "1/s", 2, 3).floor == "≥ 2, aim 3"
    assert percentile(list(range(101)), 99) == 99
