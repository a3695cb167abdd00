"""Secrets at rest: encrypted with keys that live outside the database; the first key encrypts."""

import json
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

OPEN_AT_ONCE = 2_000
"""How many secrets stay open in this process's memory, where those in use are anyway."""


class LostKey(Exception):
    """No key we hold opens this secret: the channel must be connected again."""


class Vault:
    """Seals and opens secrets; never shows a key or a secret in its repr."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._opened = lru_cache(maxsize=OPEN_AT_ONCE)(self._decrypt)

    def seal(self, secret: Mapping[str, str]) -> str:
        """Ciphertext to store."""
        return self._fernet.encrypt(json.dumps(dict(secret)).encode()).decode()

    def open(self, ciphertext: str) -> dict[str, str]:
        """The secret again, or LostKey."""
        return dict(self._opened(ciphertext))

    def renew(self, ciphertext: str) -> str:
        """The same secret under the newest key."""
        try:
            return self._fernet.rotate(ciphertext.encode()).decode()
        except InvalidToken:
            raise LostKey("no key in the key file opens this secret") from None

    def _decrypt(self, ciphertext: str) -> dict[str, str]:
        try:
            opened: dict[str, str] = json.loads(self._fernet.decrypt(ciphertext.encode()))
        except InvalidToken:
            raise LostKey("no key in the key file opens this secret") from None
        return opened


def read_keys(path: Path) -> list[str]:
    """The keys in a key file, newest first, one a line."""
    return path.read_text().split()


def make_key_file(path: Path) -> None:
    """Create the key file, readable by its owner only; an existing one is left alone."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as file:
        file.write(Fernet.generate_key() + b"\n")
