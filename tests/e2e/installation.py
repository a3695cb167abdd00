"""An installation driven as people drive it: by the `postroad` command, its tables and its processes."""

import csv
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.sandbox import SandboxServer
from connectors.sandbox.control import SandboxAccount
from tests.servers.processes import ServerProcess

POSTROAD = Path(sys.executable).with_name("postroad")
PATIENCE_S = 120
"""How long is waited for what takes moments on an idle machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """One data folder and database; `processes` are the commands that publish for it."""

    folder: Path
    environment: Mapping[str, str]
    processes: Sequence[tuple[str, ...]]

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's zone, in which its weeks begin."""
        return ZoneInfo(self.environment["POSTROAD_TIME_ZONE"])

    def run(self, *arguments: str, stdin: str = "", fails: bool = False) -> subprocess.CompletedProcess[str]:
        """Run one command to its end; its exit status must be what is expected."""
        done = subprocess.run(
            [POSTROAD, *arguments],
            input=stdin,
            text=True,
            capture_output=True,
            cwd=self.folder,
            env=os.environ | self.environment,
            timeout=5 * PATIENCE_S,
            check=False,
        )
        assert (done.returncode != 0) == fails, (
            f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        return done

    def json(self, *arguments: str) -> Any:
        """What a command prints with `--json`."""
        return json.loads(self.run(*arguments, "--json").stdout)

    def write_table(self, name: str, rows: Sequence[Mapping[str, str]]) -> Path:
        """A CSV table as Excel saves it, in the installation's folder; a row may lack columns of others."""
        path = self.folder / name
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            table = csv.DictWriter(file, fieldnames=sorted({column for row in rows for column in row}))
            table.writeheader()
            table.writerows(rows)
        return path

    def import_posts(self, name: str, rows: Sequence[Mapping[str, str]], *, approver: str) -> Any:
        """Import a table of posts and approve all of it; what the command says in JSON."""
        return self.json("import", str(self.write_table(name, rows)), "--approve-as", approver)

    def connect(self, rows: Sequence[Mapping[str, str]], secrets: Mapping[str, Mapping[str, str]]) -> None:
        """Import these channels and connect each with its secret, by channel name."""
        self.run("channels", "import", str(self.write_table("channels.csv", rows)))
        for name, secret in secrets.items():
            self.run("channels", "connect", name, stdin=json.dumps(dict(secret)))

    def states(self) -> Counter[str]:
        """How many deliveries are in each state."""
        return Counter(row["state"] for row in self.json("queue"))

    @contextmanager
    def publishing(self) -> Iterator[list[ServerProcess]]:
        """All processes of this installation, running."""
        with ExitStack() as stack:
            yield [
                stack.enter_context(self._process(number, command))
                for number, command in enumerate(self.processes)
            ]

    def _process(self, number: int, command: Sequence[str]) -> ServerProcess:
        return ServerProcess(
            name=f"{command[0]}-{number}",
            arguments=[POSTROAD, *command],
            folder=self.folder,
            ready=lambda: True,
            environment=self.environment,
        )


def wait_until(holds: Callable[[], bool], *, seconds: float = PATIENCE_S, every_s: float = 0.25) -> None:
    """Return once it holds; fail when it still does not after so many seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain"
        time.sleep(every_s)


def open_accounts(
    installation: Installation, sandbox: SandboxServer, wanted: Sequence[tuple[str, str, str, str]]
) -> dict[str, SandboxAccount]:
    """Channels for (name, face, language, zone), imported and connected; their sandbox accounts by name."""
    accounts = {name: sandbox.control.create_account(face, name) for name, face, *_ in wanted}
    rows = [
        {
            "channel": name,
            "platform": accounts[name].platform,
            "base_url": accounts[name].base_url,
            "handle": accounts[name].handle,
            "language": language,
            "region": "GB",
            "time_zone": zone,
            "operator": "Wang Lin",
        }
        for name, _, language, zone in wanted
    ]
    installation.connect(rows, {name: account.secret for name, account in accounts.items()})
    return accounts
