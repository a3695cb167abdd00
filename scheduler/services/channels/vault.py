"""Secrets at rest: encrypted with keys that live outside the database; the first key encrypts."""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Protocol

from scheduler.core.wording import N_

KEY_BYTES = 32
KEYS_WANTED = N_("the key file needs keys of 32 bytes in URL-safe base64, one a line")
OPEN_AT_ONCE = 2_000
"""How many secrets stay open in this process's memory, where those in use are anyway."""


class LostKey(Exception):
    """No key we hold opens this secret: the channel must be connected again."""


class NoKey(ValueError):
    """What the key file holds is no key."""


class Vault:
    """Seals and opens secrets; never shows a key or a secret in its repr.

    NoKey at once for what is none; what encrypts is loaded with the first secret.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or not all(map(_is_key, keys)):
            raise NoKey(KEYS_WANTED)
        self._keys = tuple(keys)

    def seal(self, secret: Mapping[str, str]) -> str:
        """Ciphertext to store."""
        return self._seals.seal(json.dumps(dict(secret)).encode()).decode()

    def open(self, ciphertext: str) -> dict[str, str]:
        """The secret again, or LostKey."""
        opened: dict[str, str] = json.loads(self._opened(ciphertext.encode()))
        return opened

    def renew(self, ciphertext: str) -> str:
        """The same secret under the newest key, or LostKey."""
        return self._seals.renew(ciphertext.encode()).decode()

    @cached_property
    def _opened(self) -> Callable[[bytes], bytes]:
        return lru_cache(maxsize=OPEN_AT_ONCE)(self._seals.open)

    @cached_property
    def _seals(self) -> "_Seals":
        seals: _Seals = import_module("scheduler.services.channels.sealing").Seals(self._keys)
        return seals


class _Seals(Protocol):
    """What scheduler.services.channels.sealing gives."""

    def seal(self, text: bytes) -> bytes: ...
    def open(self, ciphertext: bytes) -> bytes: ...
    def renew(self, ciphertext: bytes) -> bytes: ...


def read_keys(path: Path) -> list[str]:
    """The keys in a key file, newest first, one a line."""
    return path.read_text(errors="replace").split()


def _is_key(text: str) -> bool:
    try:
        return len(urlsafe_b64decode(text)) == KEY_BYTES
    except ValueError:
        return False


def make_key_file(path: Path) -> None:
    """Create the key file, readable by its owner only; an existing one is left alone."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as file:
        file.write(urlsafe_b64encode(os.urandom(KEY_BYTES)) + b"\n")
