"""The figures of a run on real servers: in a file of the test's folder, and at the end of the test run."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

RUNS = pytest.StashKey[dict[str, dict[str, float]]]()


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run counted, and how long its steps took in seconds."""

    values: dict[str, float] = field(default_factory=dict)

    def note(self, **counts: float) -> None:
        """Keep some counts."""
        self.values.update(counts)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Keep how long a step takes, as `<step>_s`."""
        began = time.monotonic()
        yield
        self.note(**{f"{step}_s": round(time.monotonic() - began, 1)})


@pytest.fixture
def figures(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Figures]:
    """The figures of this test, for the record."""
    made = Figures()
    yield made
    (tmp_path / "figures.json").write_text(json.dumps(made.values, indent=2))
    request.config.stash.setdefault(RUNS, {})[request.node.name] = made.values


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures of every run."""
    for name, values in terminalreporter.config.stash.get(RUNS, {}).items():
        shown = ", ".join(f"{figure} {value:g}" for figure, value in values.items())
        terminalreporter.write_line(f"{name}: {shown}")
