"""The Telegram face: the Bot API for bots that run one channel each, after Bot API 10.3."""

from connectors.sandbox.faces.telegram.face import TelegramFace

__all__ = ["TelegramFace"]
