"""Taking a guard out of a copy of the tree, and running the test that has to turn red there."""

import os
import re
import shutil
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

import pytest

from tests.guards.table import Guard

HOME = Path(__file__).parents[2]
COPIED = ("config", "connectors", "scheduler", "tests", "workers", "pyproject.toml")
QUICK = ("-x", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", "-k", "not postgresql", "--durations=0")
PASSED, FAILED = 0, 1
WORDS = re.compile(r"^E +(\S.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`red` when the test failed, as it should; `words` are the failure's first, or why it never ran."""

    red: bool
    ran: bool
    words: str


@contextmanager
def copied_tree() -> Iterator[Path]:
    """A folder with a copy of the sources and tests; it is gone afterwards."""
    with TemporaryDirectory(prefix="postroad-guards-") as folder:
        for name in COPIED:
            copy = shutil.copytree if (HOME / name).is_dir() else shutil.copy2
            copy(HOME / name, Path(folder) / name)
        yield Path(folder)


def run_tests(tree: Path, node_ids: Collection[str]) -> Verdict:
    """Run these tests on the sources of that tree, on SQLite where they ask for a database.

    In a fork of this process, which has what is not ours imported already: that takes longer than most tests.
    """
    import_module("workers.program")
    with TemporaryFile("w+") as said:
        child = os.fork()
        if child == 0:
            os._exit(_test(tree, node_ids, said.fileno()))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.seek(0)
        told = said.read()
    words = WORDS.search(told)
    return Verdict(
        red=status == FAILED, ran=status in (PASSED, FAILED), words=words[1] if words else told[-400:].strip()
    )


def _test(tree: Path, node_ids: Collection[str], output: int) -> int:
    """What pytest comes to in this process, all of ours being imported from that tree."""
    for stream in (sys.stdout, sys.stderr):
        os.dup2(output, stream.fileno())
    for name in [name for name in sys.modules if name.partition(".")[0] in COPIED]:
        del sys.modules[name]
    sys.path.insert(0, str(tree))
    os.environ["PYTHONPATH"] = str(tree)
    os.chdir(tree)
    try:
        return int(pytest.main([*QUICK, *node_ids]))
    finally:
        sys.stdout.flush()


def try_without(tree: Path, guard: Guard) -> Verdict:
    """What its test says while the guard is out of the tree; the tree is whole again afterwards."""
    file = tree / guard.file
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace(guard.fragment, guard.without), encoding="utf-8")
    try:
        return run_tests(tree, [guard.shown_by])
    finally:
        file.write_text(whole, encoding="utf-8")
