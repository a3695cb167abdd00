"""The journal: what is sent, kept outside the database, so that a restored database is found out (rule 13).

One file a process and day in one folder, one line an event, only ever appended. No secrets and no texts.
"""

import json
import os
import secrets
import threading
import time
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from scheduler.store.evidence.decided import Mark

SENDING = "sending"
RECALL = "recall"
CLOSED = "closed"
GONE = "gone"
DECIDED = "decided"
INTENTS = {RECALL: "to recall", CLOSED: "to close"}
EVER = datetime(1970, 1, 1, tzinfo=UTC)
KEPT = timedelta(days=36)
FILES = "????-??-??.*.jsonl"
DAY = slice(0, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line: `kind` is sending, how it ended (published, notsent …), or what people did, to that uid.

    People recall, or say that it is absent (closed): the line of INTENTS stands before the COMMIT, the other
    after it. What was taken down after a recall is gone. That people decided something has the uid of its
    mark (see scheduler.store.evidence.decided) and the command, `what`.

    Instants are aware UTC. A sending has the key, where it goes, what was staged and, from the second on,
    when it was first sent; a recall has where it was to go; a published one and one that is gone after its
    recall have the remote id.
    """

    kind: str
    delivery: str
    at: datetime
    attempt: int = 0
    key: str = ""
    due_at: datetime | None = None
    post: str = ""
    channel: str = ""
    staged: Mapping[str, str] = field(default_factory=dict)
    first_sent_at: datetime | None = None
    remote_id: str = ""
    url: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """What was read: the entries, newest day first, and how many lines were torn or damaged."""

    entries: tuple[Entry, ...]
    damaged: int


class Journal:
    """This process's file in the folder, and all files there for reading; `mark` is the last it has."""

    def __init__(self, folder: Path, *, writer: str) -> None:
        self.folder = folder
        self.mark: Mark | None = None
        self._writer = "".join(letter if letter.isalnum() else "-" for letter in writer)
        self._lock = threading.Lock()
        self._day: date | None = None
        self._file: int | None = None
        self._broken = 0

    def write(self, entries: Collection[Entry], *, durable: bool) -> None:
        """Append all entries, on the disk when `durable`; OSError when they may not all be there."""
        if not entries:
            return
        lines = b"".join(map(_line, entries))
        day = next(iter(entries)).at.date()
        with self._lock:
            file = self._open(day)
            size = os.fstat(file).st_size
            try:
                _write_whole(file, lines)
                if durable:
                    os.fsync(file)
            except OSError:
                self._leave(file, size)
                raise

    def path(self, day: date) -> Path:
        """The file this process writes on that day; another one after a write failed."""
        return self.folder / f"{day}.{self._writer}.{self._broken}.jsonl"

    def read(self, *, at_least: int | None = None) -> Pages:
        """Everything, or whole days from the newest until there are so many entries."""
        entries: list[Entry] = []
        damaged = 0
        for _, files in groupby(sorted(self.folder.glob(FILES), reverse=True), lambda one: one.name[DAY]):
            read = [_parse(line) for file in files for line in _lines(file)]
            entries += [entry for entry in read if entry]
            damaged += read.count(None)
            if at_least is not None and len(entries) >= at_least:
                break
        return Pages(entries=tuple(entries), damaged=damaged)

    def identity(self) -> str:
        """An id of this very folder, 32 hex digits: a copy of the folder, here or elsewhere, has another."""
        path = self.folder / "identity"
        if not path.exists():
            self._make_identity(path)
        return sha256(f"{path.read_text()}:{path.stat().st_ino}".encode()).hexdigest()[:32]

    def close(self) -> None:
        """Close the file; the next write opens it again."""
        with self._lock:
            self._close()

    def _open(self, day: date) -> int:
        if self._file is not None and day == self._day:
            return self._file
        self._close()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._prune(day)
        self._file = os.open(self.path(day), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._day = day
        sync(self.folder)
        return self._file

    def _leave(self, file: int, size: int) -> None:
        """Take back what was half written, and go on in a new file: nothing may follow a torn line."""
        with suppress(OSError):
            os.ftruncate(file, size)
        self._broken += 1
        self._close()

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file = None

    def _prune(self, today: date) -> None:
        """Delete files that are too old by the database's clock and by this machine's: one may be wrong."""
        for path in self.folder.glob(FILES):
            with suppress(OSError, ValueError):
                old = date.fromisoformat(path.name[DAY]) < today - KEPT
                if old and path.stat().st_mtime < time.time() - KEPT.total_seconds():
                    path.unlink()

    def _make_identity(self, path: Path) -> None:
        """Complete before it has its name, so that no other process reads half of it."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self.folder / f"identity.{secrets.token_hex(8)}"
        draft.write_text(secrets.token_hex(16))
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()


_NAMES = tuple(one.name for one in fields(Entry))
_INSTANTS = ("at", "due_at", "first_sent_at")
_ENCODER = json.JSONEncoder(separators=(",", ":"), default=datetime.isoformat)


def _line(entry: Entry) -> bytes:
    body = _ENCODER.encode({name: value for name in _NAMES if (value := getattr(entry, name))})
    return f'{{"sum":"{_checksum(body)}",{body[1:]}\n'.encode()


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"


def _parse(line: bytes) -> Entry | None:
    """None for a line that was cut off or changed."""
    try:
        said = json.loads(line)
        if said.pop("sum") != _checksum(_ENCODER.encode(said)):
            return None
        instants = {name: _instant(said[name]) for name in _INSTANTS if name in said}
        return Entry(**said | instants)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def _write_whole(file: int, lines: bytes) -> None:
    rest = memoryview(lines)
    while rest:
        rest = rest[os.write(file, rest) :]


def sync(path: Path) -> None:
    """Have it on the disk: a file's bytes, or a folder's names, without which a new file is not there."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
