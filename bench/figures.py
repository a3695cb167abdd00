"""Figures as a table for people, or as JSON; with the machine and the parameters they depend on."""

import argparse
import json
import os
import platform
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version

import psutil
from rich.console import Console
from rich.table import Table

PACKAGES = ("postroad", "celery", "redis", "sqlalchemy", "psycopg", "httpx", "pyqwest")
MIB = 1024 * 1024

out = Console()
err = Console(stderr=True)


def machine(*, durable: bool = False) -> dict[str, object]:
    """What figures depend on: cores, load before, versions; whether the benchmark's database is durable."""
    return {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "postgres": f"fsync and synchronous_commit {'on' if durable else 'off'}",
        **{name: version(name) for name in PACKAGES},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value beside what it must reach; `good` is empty where nothing is asked."""

    name: str
    value: float
    unit: str
    floor: str = ""
    good: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a benchmark found."""

    title: str
    parameters: Mapping[str, object]
    figures: Sequence[Figure]
    machine: Mapping[str, object] = field(default_factory=machine)

    @property
    def good(self) -> bool:
        """True unless a figure misses its floor."""
        return not any(figure.good is False for figure in self.figures)


def at_most(name: str, value: float, unit: str, limit: float, aim: float | None = None) -> Figure:
    """A figure that must not exceed its limit."""
    return _figure(name, value, unit, "≤", limit, aim, good=value <= limit)


def at_least(name: str, value: float, unit: str, limit: float, aim: float | None = None) -> Figure:
    """A figure that must reach its limit."""
    return _figure(name, value, unit, "≥", limit, aim, good=value >= limit)


def plain(name: str, value: float, unit: str) -> Figure:
    """A figure to compare with."""
    return Figure(name=name, value=value, unit=unit)


def _figure(  # noqa: PLR0913 - the columns of the table
    name: str, value: float, unit: str, sign: str, limit: float, aim: float | None, *, good: bool
) -> Figure:
    asked = f"{sign} {limit:g}" + ("" if aim is None else f", aim {aim:g}")
    return Figure(name=name, value=value, unit=unit, floor=asked, good=good)


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of all values do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def report(result: Result, *, as_json: bool) -> int:
    """Print it; the exit status is 1 when a figure misses its floor."""
    if as_json:
        sys.stdout.write(json.dumps(asdict(result), ensure_ascii=False, indent=1) + "\n")
    else:
        _print(result)
    return 0 if result.good else 1


def parser(purpose: str | None, **sizes: float) -> argparse.ArgumentParser:
    """Options of a benchmark: its sizes with their full values, the seed, and --json."""
    options = argparse.ArgumentParser(description=purpose)
    for name, default in sizes.items():
        options.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    options.add_argument("--json", action="store_true")
    return options


def progress(words: str) -> None:
    """Say what is being done."""
    err.print(f"[dim]{time.strftime('%H:%M:%S')} {words}[/]", highlight=False)


@contextmanager
def peak_mib(processes: Sequence[psutil.Process]) -> Iterator[list[float]]:
    """The largest sum of the processes' resident memory while the block runs, in its only element."""
    peak, over = [memory_mib(processes)], threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            peak[0] = max(peak[0], memory_mib(processes))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def memory_mib(processes: Sequence[psutil.Process]) -> float:
    """Resident memory of all of them in MiB."""
    total: int = sum(process.memory_info().rss for process in processes)
    return total / MIB


def unshared_mib(processes: Sequence[psutil.Process]) -> float:
    """Memory of all of them in MiB, a page that n processes share counted as 1/n (PSS)."""
    total: int = sum(process.memory_full_info().pss for process in processes)
    return total / MIB


def _print(result: Result) -> None:
    table = Table(title=result.title, title_justify="left")
    for column, side in (
        ("figure", "left"),
        ("value", "right"),
        ("unit", "left"),
        ("asked", "left"),
        ("", "left"),
    ):
        table.add_column(column, justify="right" if side == "right" else "left")
    for figure in result.figures:
        mark = {True: "✓", False: "✗", None: ""}[figure.good]
        table.add_row(figure.name, f"{figure.value:,.2f}", figure.unit, figure.floor, mark)
    out.print(table)
    for words in (result.parameters, result.machine):
        out.print("  " + ", ".join(f"{name} {value}" for name, value in words.items()), highlight=False)
