"""The files the rules look at: the product's modules, and everything that is committed."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
ROOMS = ("config", "connectors", "scheduler", "workers", "web")
WRITTEN_BY_ALEMBIC = "scheduler/store/migrations/versions/"


@dataclass(frozen=True, slots=True)
class Source:
    """One file; `path` is relative to the checkout, with slashes."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """The syntax tree of a Python file."""
        return ast.parse(self.text, self.path)


@dataclass(frozen=True, slots=True)
class Breach:
    """One place where a rule is broken, and why the rule exists."""

    path: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.reason}"


def product_sources() -> list[Source]:
    """Every module of the product."""
    files = [file for room in ROOMS for file in sorted((HOME / room).rglob("*.py"))]
    return [_read(file) for file in files]


def committed_sources() -> Iterator[Source]:
    """Every text file that git tracks and that is there."""
    for name in _git_ls_files():
        try:
            yield _read(HOME / name)
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue


def _git_ls_files() -> list[str]:
    listed = subprocess.run(["git", "-C", HOME, "ls-files", "-z"], capture_output=True, text=True, check=True)
    return listed.stdout.rstrip("\0").split("\0")


def _read(file: Path) -> Source:
    return Source(path=file.relative_to(HOME).as_posix(), text=file.read_text(encoding="utf-8"))
