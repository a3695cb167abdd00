"""The table of Bot API methods and the way through it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.exchange import Answer, Call, Refused, answer_json
from connectors.sandbox.faces.telegram.chats import Chats
from connectors.sandbox.faces.telegram.messages import Messages, too_many
from connectors.sandbox.faces.telegram.parameters import Parameters, Shape, failure
from connectors.sandbox.faces.telegram.updates import Updates
from connectors.sandbox.world import AccountState, Post, World, plain_name

_PATH = re.compile(r"/bot(\d+:[\w-]{35})/(\w+)")
_QUIET = frozenset({"disable_notification", "protect_content"})
_SENDING = frozenset(
    {"business_connection_id", "message_thread_id", "direct_messages_topic_id", "message_effect_id"}
    | {"allow_paid_broadcast", "suggested_post_parameters", "reply_parameters", "reply_markup", "parse_mode"}
    | {"ephemeral_message_parameters"}
)
_EDITING = frozenset(
    {"business_connection_id", "inline_message_id", "parse_mode", "reply_markup", "rich_message"}
)
_CAPTION = frozenset({"caption", "caption_entities", "show_caption_above_media"})


@dataclass(frozen=True, slots=True)
class Method:
    """A Bot API method with its parameters (Bot API 10.3)."""

    run: Callable[[AccountState, Parameters], Any]
    shape: Shape


class TelegramFace:
    """{url}/telegram: /bot<token>/<method>, by GET or POST."""

    name = "telegram"
    text_at: tuple[str, ...] = ("text",)
    images_at: tuple[str, ...] = ("photo",)

    def __init__(self, world: World) -> None:
        self._world = world
        self._bots: dict[str, AccountState] = {}
        self._updates = Updates(world)
        chats = Chats(world)
        self._methods = {
            name.lower(): method
            for name, method in _methods(chats, Messages(world, chats), self._updates).items()
        }

    def answer(self, call: Call) -> Answer:
        """Do what the Bot API would do; the token comes first, then the method."""
        try:
            bot, method = self._route(call)
            return answer_json({"ok": True, "result": method.run(bot, Parameters(call, method.shape))})
        except Refused as refused:
            return refused.answer

    def open_account(self, name: str) -> AccountState:
        """A public channel with a bot of its own as administrator."""
        plain = plain_name(self.name, name)
        digest = self._world.digest("telegram", plain).hex()
        token = f"{7_000_000_000 + int(digest[:8], 16) % 900_000_000}:AA{digest[8:41]}"
        account = AccountState(
            platform=self.name,
            name=plain,
            handle=f"@{plain}",
            remote_id=f"-100{1_000_000_000 + int(digest[41:49], 16) % 9_000_000_000}",
            base_url=f"{self._world.url}/telegram",
            created_at=self._world.now(),
            secret={"bot_token": token},
        )
        self._bots[token] = account
        return account

    def rate_limited(self, retry_after: Any) -> Answer:
        """429 with the seconds in the body."""
        return too_many(retry_after)

    def error(self) -> Answer:
        """An internal error."""
        return failure(500, "Internal Server Error")

    def counters_changed(self, post: Post) -> None:
        """Reactions reach the bot as an update."""
        self._updates.counters_changed(post)

    def _route(self, call: Call) -> tuple[AccountState, Method]:
        found = _PATH.fullmatch(call.path)
        method = self._methods.get(found[2].lower()) if found else None
        if found is None or method is None or call.method not in ("GET", "POST"):
            raise Refused(failure(404, "Not Found"))
        bot = self._bots.get(found[1])
        if bot is None or bot.standing == "revoked":
            raise Refused(failure(401, "Unauthorized"))
        return bot, method


def _methods(chats: Chats, messages: Messages, updates: Updates) -> Mapping[str, Method]:
    chat, message = frozenset({"chat_id"}), frozenset({"chat_id", "message_id"})
    formatted = frozenset({"entities", "link_preview_options"})
    return {
        "getMe": Method(chats.get_me, Shape(frozenset())),
        "getChat": Method(chats.get_chat, Shape(chat)),
        "getChatMember": Method(chats.get_member, Shape(chat | {"user_id"})),
        "getChatMemberCount": Method(chats.get_member_count, Shape(chat)),
        "getUpdates": Method(
            updates.get, Shape(frozenset(), frozenset({"offset", "limit", "timeout", "allowed_updates"}))
        ),
        "sendMessage": Method(messages.send_text, Shape(chat | {"text"}, formatted | _QUIET, _SENDING)),
        "sendPhoto": Method(
            messages.send_photo, Shape(chat | {"photo"}, _CAPTION | _QUIET | {"has_spoiler"}, _SENDING)
        ),
        "sendMediaGroup": Method(messages.send_album, Shape(chat | {"media"}, _QUIET, _SENDING)),
        "editMessageText": Method(messages.edit_text, Shape(message | {"text"}, formatted, _EDITING)),
        "editMessageCaption": Method(messages.edit_caption, Shape(message, _CAPTION, _EDITING)),
        "deleteMessage": Method(messages.delete, Shape(message)),
        "deleteMessages": Method(messages.delete_many, Shape(chat | {"message_ids"})),
    }
