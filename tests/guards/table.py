"""Which guards there are: one entry each in `guards.toml`, grouped by the file they stand in."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).parent / "guards.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A fragment of a source file that prevents something, and the test that shows what without it.

    The fragment stands `times` in the file; each is replaced by `without`. `shown_by` is a test's node id.
    """

    name: str
    file: str
    fragment: str
    shown_by: str
    without: str = ""
    times: int = 1


def read_guards() -> list[Guard]:
    """All of them, in the order of the table."""
    found = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return [Guard(file=file, **entry) for file, entries in found.items() for entry in entries]


def count_fragments(guard: Guard, tree: Path) -> int:
    """How often its fragment stands in that tree."""
    return (tree / guard.file).read_text(encoding="utf-8").count(guard.fragment)
