"""Telegram channels by the Bot API: class N, since nothing protects a repeat and no call can look back."""

from connectors.telegram.connector import Telegram

connector = Telegram()

__all__ = ["Telegram", "connector"]
