"""Bots and their channels: who may post where, and what the Bot API says of both."""

from typing import Any

from connectors.sandbox.exchange import Refused
from connectors.sandbox.faces.telegram.parameters import Parameters, bad_request, failure
from connectors.sandbox.world import AccountState, World

ADMIN_RIGHTS = (
    *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats"),
    *("can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users"),
    *("can_post_stories", "can_edit_stories", "can_delete_stories", "can_post_messages", "can_edit_messages"),
    "can_send_welcome_messages",
)
GRANTED = {
    "can_manage_chat",
    "can_delete_messages",
    "can_invite_users",
    "can_post_messages",
    "can_edit_messages",
}
REACTIONS = ("👍", "❤", "🔥")


class Chats:
    """The reading part of the face; a bot is a member of its own channel only."""

    def __init__(self, world: World) -> None:
        self._world = world

    def find(self, chat: str) -> AccountState:
        """The channel by `@name` or id."""
        account = self._world.known("telegram", chat.lower() if chat.startswith("@") else chat)
        if account is None:
            raise bad_request("chat not found")
        return account

    def own(self, bot: AccountState, parameters: Parameters, *, posting: bool = False) -> AccountState:
        """The bot's channel, which the call must be about; `posting` also needs the right to post."""
        chat = self.find(parameters.chat())
        if chat is not bot:
            raise Refused(failure(403, "Forbidden: bot is not a member of the channel chat"))
        if posting and bot.standing == "read_only":
            raise bad_request("need administrator rights in the channel chat")
        return chat

    def get_me(self, bot: AccountState, _parameters: Parameters) -> dict[str, Any]:
        """Bot API getMe."""
        return {
            **user(bot),
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def get_chat(self, bot: AccountState, parameters: Parameters) -> dict[str, Any]:
        """Bot API getChat: a ChatFullInfo with its required fields."""
        gifts = (
            "unlimited_gifts",
            "limited_gifts",
            "unique_gifts",
            "premium_subscription",
            "gifts_from_channels",
        )
        return {
            **chat_of(self.own(bot, parameters)),
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(gifts, False),
            "available_reactions": [{"type": "emoji", "emoji": emoji} for emoji in REACTIONS],
        }

    def get_member(self, bot: AccountState, parameters: Parameters) -> dict[str, Any]:
        """Bot API getChatMember, which knows the bot itself only."""
        self.own(bot, parameters)
        if parameters.whole("user_id") != user(bot)["id"]:
            raise bad_request("user not found")
        withheld = {"can_post_messages", "can_edit_messages"} if bot.standing == "read_only" else set()
        rights = {right: right in GRANTED - withheld for right in ADMIN_RIGHTS}
        return {"status": "administrator", "user": user(bot), **rights}

    def get_member_count(self, bot: AccountState, parameters: Parameters) -> int:
        """Bot API getChatMemberCount; the bot is one of them."""
        return self.own(bot, parameters).followers


def user(bot: AccountState) -> dict[str, Any]:
    """The bot as a User."""
    number = int(bot.secret["bot_token"].partition(":")[0])
    return {"id": number, "is_bot": True, "first_name": bot.name, "username": f"{bot.name}_bot"}


def chat_of(channel: AccountState) -> dict[str, Any]:
    """The channel as a Chat."""
    return {"id": int(channel.remote_id), "title": channel.name, "username": channel.name, "type": "channel"}
