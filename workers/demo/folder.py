"""The demo's own data folder: made anew each run, and never a folder that somebody else made."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from scheduler.core.problems import refuse
from scheduler.core.wording import N_

MARKER = ".made-by-postroad-demo"
NOT_OURS = N_("{path} was not made by the demo: move it away, or name another folder with --folder")
IN_USE = N_("another demo is running in {path}: stop it first, or name another folder with --folder")


@contextmanager
def fresh_folder(path: Path) -> Iterator[Path]:
    """An empty folder kept to this process; Refused when it is another's or another demo runs in it."""
    if path.is_symlink() or path.exists():
        _remove(path)
    path.mkdir(parents=True, mode=0o700)
    with (path / MARKER).open("w") as marker:
        _keep_to_us(marker, path)
        yield path


def _remove(path: Path) -> None:
    """Delete what an earlier demo left; an empty folder is nobody's loss."""
    ours = path.is_dir() and not path.is_symlink()
    marked = ours and (path / MARKER).is_file()
    if not ours or not (marked or not any(path.iterdir())):
        raise refuse(NOT_OURS, path=str(path))
    if marked:
        with (path / MARKER).open() as marker:
            _keep_to_us(marker, path)
    shutil.rmtree(path)


def _keep_to_us(marker: TextIO, path: Path) -> None:
    try:
        fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise refuse(IN_USE, path=str(path)) from None
