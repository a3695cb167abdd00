"""The demo's account matrix: accounts on the sandbox, and the table a centre would keep of them."""

import csv
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from connectors.sandbox import SandboxAccount, SandboxControl
from scheduler.core.entries import OPTIONAL, REQUIRED


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A channel of the demo and its account; `face` is the sandbox's name for the platform."""

    face: str
    cells: Mapping[str, str]
    remote: SandboxAccount

    @property
    def channel(self) -> str:
        """The channel's name."""
        return self.cells["channel"]


def open_accounts(control: SandboxControl, only: Collection[str] = ()) -> list[Account]:
    """An account for each channel of the matrix, or only for those named."""
    rows = [row for row in _rows() if not only or row["channel"] in only]
    return [_open(control, row) for row in rows]


def write_channels(path: Path, accounts: Sequence[Account]) -> None:
    """The table that `postroad channels import` takes."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, (*REQUIRED, *OPTIONAL))
        table.writeheader()
        table.writerows(account.cells for account in accounts)


def _rows() -> list[dict[str, str]]:
    text = (files("workers.demo") / "channels.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _open(control: SandboxControl, row: dict[str, str]) -> Account:
    face = row.pop("face")
    remote = control.create_account(face, row.pop("account"))
    known = {"platform": remote.platform, "base_url": remote.base_url, "handle": remote.handle}
    return Account(face=face, cells=row | known, remote=remote)
