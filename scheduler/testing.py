"""Doubles that are part of the product: a clock that is moved by hand and a dispatcher that remembers."""

from collections.abc import Sequence
from datetime import datetime, timedelta


class FakeClock:
    """Stands still until moved."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Where the clock was put, aware UTC."""
        return self._at

    def set(self, at: datetime) -> None:
        """Put the clock at `at`."""
        self._at = at

    def advance(self, by: timedelta) -> None:
        """Move the clock forward."""
        self._at += by


class RecordingDispatcher:
    """Remembers the hints it was given; sends nothing."""

    def __init__(self) -> None:
        self.hints: list[list[int]] = []

    def announce(self, delivery_ids: Sequence[int]) -> None:
        """Remember one hint."""
        self.hints.append(list(delivery_ids))
