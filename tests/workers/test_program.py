"""Each command starts by loading its own modules only; help and what is no command load none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from scheduler.cli.app import app
from scheduler.cli.panels import ENTRIES, load

STARTED = """
import atexit, gc, sys
atexit.register(lambda: print(*(name for name, module in sys.modules.items() if module), gc.isenabled()))
import workers.command
workers.command.main()
"""
NEVER = {
    "PIL",
    "babel",
    "cryptography.fernet",
    "jinja2",
    "langcodes",
    "openpyxl",
    "prompt_toolkit",
    "pydantic",
    "pygments",
    "rich",
    "starlette",
    "typer",
    "uvicorn",
    "weasyprint",
    "xlsxwriter",
    "yaml",
}
"""What a process that waits for work does not hold: 40 MB of 120 (2026-11-22)."""


def test_every_command_is_found_by_its_name() -> None:
    load()
    tree = get_command(app)
    assert isinstance(tree, TyperGroup)
    told = {(entry.name, module) for entry in ENTRIES.values() for module in entry.modules}
    assert told == {(name, module) for name, command in tree.commands.items() for module in _modules(command)}


@pytest.mark.parametrize(
    ("command", "needed", "foreign"),
    [
        (["planner"], "workers.planner", {"scheduler.reports.figures.building", "workers.attending"}),
        (
            ["worker", "--threads", "2"],
            "workers.tasks",
            {"apscheduler", "scheduler.services.metrics.harvesting"},
        ),
    ],
)
def test_what_waits_for_work_loads_only_what_it_needs(
    command: list[str], needed: str, foreign: set[str], tmp_path: Path
) -> None:
    environment = os.environ | {"POSTROAD_DATA": str(tmp_path), "POSTROAD_LANGUAGE": "en"}
    arguments = [sys.executable, "-c", STARTED, *command]
    started = subprocess.run(arguments, capture_output=True, text=True, env=environment, check=False)
    assert "postroad init" in started.stderr
    held = set(started.stdout.split())
    assert needed in held
    assert not (NEVER | foreign) & held


def test_who_stops_everything_waits_for_nothing_that_draws(tmp_path: Path) -> None:
    environment = os.environ | {"POSTROAD_DATA": str(tmp_path), "POSTROAD_LANGUAGE": "en"}
    arguments = [sys.executable, "-c", STARTED, "pause", "--all", "--reason", "wait"]
    started = subprocess.run(arguments, capture_output=True, text=True, env=environment, check=False)
    assert "postroad init" in started.stderr
    held = set(started.stdout.split())
    assert "scheduler.cli.pausing" in held
    assert "True" in held, "what runs for long has to collect its garbage"
    assert not {"rich", "PIL", "scheduler.reports.figures.building", "celery"} & held


@pytest.mark.parametrize("words", [["--version"], ["--help"], [], ["pausee"]])
def test_who_asks_what_there_is_waits_for_no_command(words: list[str], tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", STARTED, *words]
    started = subprocess.run(arguments, capture_output=True, text=True, cwd=tmp_path, check=False)
    held = set(started.stdout.splitlines()[-1].split())
    assert "scheduler.cli.panels" in held
    assert not {"sqlalchemy", "structlog", "rich", "scheduler.cli.pausing", "workers.bootstrap"} & held


@pytest.mark.parametrize("name", ["status", "demo"])
def test_a_command_that_is_alone_in_its_module_goes_by_its_name(name: str, tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", STARTED, name, "--help"]
    started = subprocess.run(arguments, capture_output=True, text=True, cwd=tmp_path, check=True)
    assert f"{name} [OPTIONS]" in started.stdout


def _modules(command: object) -> set[str]:
    """Where a command is written; of a group, where its commands are."""
    if isinstance(command, TyperGroup):
        return {module for one in command.commands.values() for module in _modules(one)}
    return {str(getattr(command, "callback", None).__module__)}
