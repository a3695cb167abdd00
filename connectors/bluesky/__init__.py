"""Bluesky: class K, since the client chooses the record key and `putRecord` repeats without effect."""

from connectors.bluesky.connector import Bluesky

connector = Bluesky()

__all__ = ["Bluesky", "connector"]
