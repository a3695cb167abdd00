"""Secrets at rest: encrypted with keys that live outside the database; the first key encrypts."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class LostKey(Exception):
    """No key we hold opens this secret: the channel must be connected again."""


class Vault:
    """Seals and opens secrets; never shows a key or a secret in its repr."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, secret: Mapping[str, str]) -> str:
        """Ciphertext to store."""
        return self._fernet.encrypt(json.dumps(dict(secret)).encode()).decode()

    def open(self, ciphertext: str) -> dict[str, str]:
        """The secret again, or LostKey."""
        try:
            opened: dict[str, str] = json.loads(self._fernet.decrypt(ciphertext.encode()))
        except InvalidToken:
            raise LostKey("no key in the key file opens this secret") from None
        return opened

    def renew(self, ciphertext: str) -> str:
        """The same secret under the newest key."""
        try:
            return self._fernet.rotate(ciphertext.encode()).decode()
        except InvalidToken:
            raise LostKey("no key in the key file opens this secret") from None


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
