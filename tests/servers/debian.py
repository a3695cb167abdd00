"""Debian packages that a test server needs."""

import logging
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.servers.installing import BUILD, one_at_a_time, program
from tests.servers.processes import ServerFailed, ServerUnavailable, run

logger = logging.getLogger(__name__)


def require_packages(names: Sequence[str], *, server: str) -> None:
    """Install the packages that are missing; ServerUnavailable names them when that is not possible."""
    with one_at_a_time("apt"):
        missing = sorted(set(names) - _installed(names))
        if missing:
            _install(missing, f"{server} cannot run: apt-get install {' '.join(missing)}")


def unpack_packages(names: Sequence[str], folder: Path) -> None:
    """Put the packages' files under the folder without installing them or what they depend on."""
    log = folder / "install.log"
    _apt_get("download", *names, log=log)
    for package in folder.glob("*.deb"):
        run(["dpkg-deb", "-x", package, folder], log=log, folder=folder)
        package.unlink()


def _install(missing: Sequence[str], message: str) -> None:
    if os.geteuid() != 0:
        raise ServerUnavailable(message)
    logger.info("apt-get install %s", " ".join(missing))
    try:
        _apt_get("update", log=BUILD / "apt.log")
        _apt_get("install", "-y", "--no-install-recommends", *missing, log=BUILD / "apt.log")
    except ServerFailed as failure:
        message = f"{message}\n{failure}"
        raise ServerUnavailable(message) from failure


def _apt_get(command: str, *arguments: str, log: Path) -> None:
    patiently = ["-q", "-o", "DPkg::Lock::Timeout=300"]
    run(
        [program("apt-get", package="apt"), command, *patiently, *arguments],
        log=log,
        folder=log.parent,
        environment={"DEBIAN_FRONTEND": "noninteractive"},
        deadline_s=900,
    )


def _installed(names: Sequence[str]) -> set[str]:
    query = [program("dpkg-query", package="dpkg"), "-W", "-f", "${Package} ${db:Status-Status}\n", *names]
    lines = subprocess.run(query, capture_output=True, text=True, check=False).stdout.splitlines()
    return {line.removesuffix(" installed") for line in lines if line.endswith(" installed")}
