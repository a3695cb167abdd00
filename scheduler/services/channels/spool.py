"""Renewed secrets on the disk before they are in the database: a crash between loses none (rule 14)."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from connectors.contract import Renewed
from scheduler.services.channels.vault import LostKey, Vault
from scheduler.services.evidence.journal import sync

FILES = "*.sealed"

log = structlog.get_logger("postroad.spool")


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A renewed secret of a channel; `at` (aware UTC) is when its renewal began."""

    channel_id: int
    at: datetime
    renewed: Renewed

    @property
    def file(self) -> str:
        """One process at a time renews a channel's secret, so that the instant tells renewals apart."""
        return f"{self.channel_id}.{self.at:%Y%m%dT%H%M%S%f}.sealed"


class Spool:
    """One sealed file for each renewal that is not yet certainly in the database."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder = folder
        self._vault = vault

    def keep(self, renewal: Renewal) -> None:
        """Put it on the disk, whole or not at all, for its owner only; OSError when that fails."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / renewal.file
        draft = path.with_suffix(".draft")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(self._vault.seal(_as_text(renewal)).encode())
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        sync(self._folder)

    def read(self) -> list[Renewal]:
        """What is kept, earliest first; a file that no key opens is left where it is."""
        return sorted(self._read(), key=lambda one: one.at)

    def clear(self, renewal: Renewal) -> None:
        """Forget this one, if nobody did yet."""
        (self._folder / renewal.file).unlink(missing_ok=True)

    def forget(self, channel_id: int) -> None:
        """Clear all that is kept of this channel: a person brought a younger secret."""
        for path in self._folder.glob(f"{channel_id}.{FILES}"):
            path.unlink(missing_ok=True)

    def _read(self) -> Iterator[Renewal]:
        for path in self._folder.glob(FILES):
            try:
                yield _from_text(self._vault.open(path.read_text()))
            except FileNotFoundError:
                continue
            except LostKey:
                log.warning("no key opens this renewed secret", file=path.name)


def _as_text(renewal: Renewal) -> dict[str, str]:
    expires_at = renewal.renewed.expires_at
    return {
        "channel_id": str(renewal.channel_id),
        "at": renewal.at.isoformat(),
        "secret": json.dumps(dict(renewal.renewed.secret)),
        "expires_at": expires_at.isoformat() if expires_at else "",
    }


def _from_text(text: dict[str, str]) -> Renewal:
    expires_at = _instant(text["expires_at"]) if text["expires_at"] else None
    return Renewal(
        channel_id=int(text["channel_id"]),
        at=_instant(text["at"]),
        renewed=Renewed(secret=json.loads(text["secret"]), expires_at=expires_at),
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
