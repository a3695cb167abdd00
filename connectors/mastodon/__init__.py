"""Mastodon and the servers that speak its API: class K for an hour, where the server honours the key."""

from connectors.mastodon.connector import Mastodon

connector = Mastodon()

__all__ = ["Mastodon", "connector"]
