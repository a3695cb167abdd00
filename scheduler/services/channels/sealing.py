"""Fernet by the library cryptography, which takes 6 MB (seen 2026-11-22): loaded by the first secret."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from scheduler.core.wording import N_
from scheduler.services.channels.vault import LostKey

NOT_OPENED = N_("no key in the key file opens this secret")


class Seals:
    """The first key seals, every key opens."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, text: bytes) -> bytes:
        """Ciphertext to store."""
        return self._fernet.encrypt(text)

    def open(self, ciphertext: bytes) -> bytes:
        """The text again, or LostKey."""
        try:
            return self._fernet.decrypt(ciphertext)
        except InvalidToken:
            raise LostKey(NOT_OPENED) from None

    def renew(self, ciphertext: bytes) -> bytes:
        """The same text under the newest key, or LostKey."""
        try:
            return self._fernet.rotate(ciphertext)
        except InvalidToken:
            raise LostKey(NOT_OPENED) from None
