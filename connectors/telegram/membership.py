"""Whether the bot may post in the channel it was given."""

from collections.abc import Mapping
from typing import Any

from connectors.errors import NeedsReconnect


def require_posting_right(chat: Mapping[str, Any], member: Mapping[str, Any]) -> None:
    """NeedsReconnect, with what to change in Telegram, unless the bot is an administrator who may post."""
    if chat["type"] != "channel":
        raise NeedsReconnect(f"this chat is a {chat['type']}, not a channel")
    if member["status"] == "creator":
        return
    if member["status"] != "administrator":
        raise NeedsReconnect(f"the bot is '{member['status']}' in the channel: make it an administrator")
    if not member.get("can_post_messages"):
        raise NeedsReconnect(
            "the bot is an administrator without the right to post messages: give it that right"
        )
