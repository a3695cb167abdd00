"""The judge: everything that happened on the sandbox's platforms, appended and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Effect: TypeAlias = Literal["create", "edit", "delete", "upload", "draft", "repeat", "refused", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One effect, or one try without effect (`applied` False), whether or not its answer ever arrived.

    `create`, `edit` and `delete` are visible; `upload` and `draft` are not. `repeat` was recognised by its
    key, `refused` was answered with an error, `stopped` met a fault before it reached the platform.
    `account` is the handle, `key` the client's own key (record key, Idempotency-Key, slug) or empty.
    """

    seq: int
    at: datetime
    platform: str
    account: str
    effect: Effect
    remote_id: str = ""
    text: str = ""
    language: str = ""
    media_count: int = 0
    key: str = ""
    applied: bool = True


class Log:
    """Entries in the order in which the effects happened; `seq` starts at 1 and has no gaps."""

    def __init__(self) -> None:
        self._entries: list[LogEntry] = []

    def next_seq(self) -> int:
        """The number the next entry must carry."""
        return len(self._entries) + 1

    def append(self, entry: LogEntry) -> None:
        """Add an entry; ValueError when its number is not the next one."""
        if entry.seq != self.next_seq():
            raise ValueError(f"entry {entry.seq} where {self.next_seq()} was due")
        self._entries.append(entry)

    def since(self, seq: int) -> Sequence[LogEntry]:
        """The entries after number `seq`."""
        return self._entries[seq:]
