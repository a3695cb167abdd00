"""Software that tests install for themselves, once, under the checkout's git-ignored `.build`."""

import fcntl
import logging
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.processes import ServerFailed, ServerUnavailable

BUILD = Path(__file__).resolve().parents[2] / ".build"

logger = logging.getLogger(__name__)


def install_once(name: str, *, recipe: str, install: Callable[[Path], None]) -> Path:
    """Return `.build/<name>`, filled by `install` unless an earlier run finished it from the same recipe.

    ServerUnavailable, with the end of the failing command's log, when it cannot be installed.
    """
    folder, stamp = BUILD / name, BUILD / name / ".installed"
    with one_at_a_time(name):
        if not stamp.exists() or stamp.read_text() != recipe:
            _install_anew(folder, install)
            stamp.write_text(recipe)
    return folder


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Wait for other processes of this checkout that are busy with the same thing."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def program(name: str, *, package: str) -> str:
    """Return the path of a program; ServerUnavailable, naming its Debian package, when it is missing."""
    path = shutil.which(name)
    if path is None:
        message = f"{name} is missing: apt-get install {package}"
        raise ServerUnavailable(message)
    return path


def show_progress() -> None:
    """Print what the installers report, for installing from a terminal."""
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(message)s")


def _install_anew(folder: Path, install: Callable[[Path], None]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    logger.info("installing %s", folder.name)
    try:
        install(folder)
    except (ServerFailed, ServerUnavailable) as failure:
        message = f"{folder.name} cannot be installed: {failure}"
        raise ServerUnavailable(message) from failure
    logger.info("installed %s", folder.name)
