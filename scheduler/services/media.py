"""Image files on disk by their SHA-256, outside the database."""

import hashlib
import os
import tempfile
from pathlib import Path

from scheduler.services.evidence.journal import sync


class MediaFolder:
    """A folder of immutable files; the same bytes are stored once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Store the bytes durably and return their path relative to the folder."""
        path = path_of(hashlib.sha256(content).hexdigest())
        if not (self._folder / path).exists():
            self._write(self._folder / path, content)
        return path

    def read(self, path: str) -> bytes:
        """The bytes stored under `path`; FileNotFoundError when they are gone."""
        return (self._folder / path).read_bytes()

    @staticmethod
    def _write(target: Path, content: bytes) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
            sync(target.parent)
            sync(target.parent.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def path_of(sha256: str) -> str:
    """Where the bytes of this hash are stored, relative to the folder."""
    return f"{sha256[:2]}/{sha256}"
