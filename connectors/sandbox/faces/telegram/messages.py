"""Channel posts: sending, albums, editing, deleting. There is no key and no way to read what was sent.

Limits from the method texts of Bot API 10.3; error words as the Bot API server gives them.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from connectors.sandbox.exchange import Answer, Refused
from connectors.sandbox.faces.telegram.chats import Chats, chat_of
from connectors.sandbox.faces.telegram.entities import check_entities, units
from connectors.sandbox.faces.telegram.parameters import Parameters, bad_request, failure
from connectors.sandbox.faces.telegram.photos import Photos
from connectors.sandbox.quotas import Quota
from connectors.sandbox.world import AccountState, Post, World

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
ALBUM = range(2, 11)
PER_BOT = Quota(name="telegram-bot", limit=30, window_s=1)
PER_CHAT = Quota(name="telegram-chat", limit=60, window_s=60)
PREVIEW = {"is_disabled", "url", "prefer_small_media", "prefer_large_media", "show_above_text"}
MEDIA = {"type", "media", "caption", "caption_entities", "show_caption_above_media", "has_spoiler"}
SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


class Messages:
    """The writing part of the face. An album is one post of several messages."""

    def __init__(self, world: World, chats: Chats) -> None:
        self._world = world
        self._chats = chats
        self._photos = Photos(world)
        self._posts: dict[tuple[str, int], Post] = {}

    def send_text(self, bot: AccountState, parameters: Parameters) -> dict[str, Any]:
        """Bot API sendMessage."""
        chat = self._chats.own(bot, parameters, posting=True)
        content = _text_content(parameters)
        return self._publish(chat, [content])[0]

    def send_photo(self, bot: AccountState, parameters: Parameters) -> dict[str, Any]:
        """Bot API sendPhoto."""
        chat = self._chats.own(bot, parameters, posting=True)
        caption = _caption(parameters.text("caption"), parameters.complex("caption_entities", list))
        photo = self._photos.take(parameters.file("photo"))
        parameters.refuse_spare_files()
        return self._publish(chat, [{"photo": [photo], **caption}])[0]

    def send_album(self, bot: AccountState, parameters: Parameters) -> list[dict[str, Any]]:
        """Bot API sendMediaGroup, for 2 to 10 photos."""
        chat = self._chats.own(bot, parameters, posting=True)
        media = parameters.complex("media", list)
        if len(media) not in ALBUM:
            raise bad_request("group send failed: an album has 2-10 media")
        parts = [self._album_part(part, parameters) for part in media]
        parameters.refuse_spare_files()
        group = str(self._world.number("telegram", "group", self._world.serial("telegram-group")))
        return self._publish(chat, [{"media_group_id": group, **part} for part in parts])

    def edit_text(self, bot: AccountState, parameters: Parameters) -> dict[str, Any]:
        """Bot API editMessageText, for messages that are text."""
        post, message = self._editable(bot, parameters)
        if "photo" in message:
            raise bad_request("there is no text in the message to edit")
        return self._edit(post, message, _text_content(parameters))

    def edit_caption(self, bot: AccountState, parameters: Parameters) -> dict[str, Any]:
        """Bot API editMessageCaption, for messages that are media."""
        post, message = self._editable(bot, parameters)
        if "photo" not in message:
            raise bad_request("there is no caption in the message to edit")
        caption = _caption(parameters.text("caption"), parameters.complex("caption_entities", list))
        return self._edit(post, message, {"photo": message["photo"], **caption})

    def delete(self, bot: AccountState, parameters: Parameters) -> bool:
        """Bot API deleteMessage."""
        chat = self._chats.own(bot, parameters)
        self._delete(chat, parameters.whole("message_id"), or_fail=True)
        return True

    def delete_many(self, bot: AccountState, parameters: Parameters) -> bool:
        """Bot API deleteMessages: 1 to 100; those not found are passed over."""
        chat = self._chats.own(bot, parameters)
        numbers = parameters.complex("message_ids", list)
        if not 1 <= len(numbers) <= 100 or not all(type(number) is int for number in numbers):
            raise bad_request("message identifiers must be 1-100 Integers")
        for number in numbers:
            self._delete(chat, number, or_fail=False)
        return True

    def _album_part(self, part: Any, parameters: Parameters) -> dict[str, Any]:
        if (
            not isinstance(part, dict)
            or part.get("type") != "photo"
            or not isinstance(part.get("media"), str)
        ):
            raise bad_request("can't parse InputMedia: the sandbox takes photos only")
        if unknown := part.keys() - MEDIA:
            raise bad_request(f"can't parse InputMedia: unknown field {min(unknown)}")
        caption = _caption(part.get("caption", ""), part.get("caption_entities", []))
        return {"photo": [self._photos.take(parameters.attached(part["media"]))], **caption}

    def _publish(self, chat: AccountState, contents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        self._spend(chat, len(contents))
        messages = [self._message(chat, content) for content in contents]
        numbers = [message["message_id"] for message in messages]
        place = f"{chat.name}/{numbers[0]}"
        post = Post(
            account=chat,
            remote_id=f"{chat.remote_id}/{','.join(map(str, numbers))}",
            url=f"https://t.me/{place}",
            key="",
            at=self._world.now(),
            aliases=(f"@{place}", place, f"https://t.me/{place}", f"{chat.remote_id}/{numbers[0]}"),
            native={"messages": messages},
            **_facts(messages),
        )
        for message in messages:
            self._posts[chat.remote_id, message["message_id"]] = post
        self._world.publish(post)
        return messages

    def _message(self, chat: AccountState, content: dict[str, Any]) -> dict[str, Any]:
        described = chat_of(chat)
        return {
            "message_id": self._world.serial(f"telegram-message-{chat.name}"),
            "sender_chat": described,
            "chat": described,
            "date": int(self._world.now().timestamp()),
            **content,
        }

    def _spend(self, chat: AccountState, messages: int) -> None:
        now = self._world.now()
        for quota in (PER_BOT, PER_CHAT):
            usage = self._world.quotas.spend(quota, subject=chat.name, now=now, points=messages)
            if usage.over:
                raise Refused(too_many(max(int((usage.reset_at - now) / timedelta(seconds=1)), 1)))

    def _editable(self, bot: AccountState, parameters: Parameters) -> tuple[Post, dict[str, Any]]:
        chat = self._chats.own(bot, parameters, posting=True)
        number = parameters.whole("message_id")
        post = self._posts.get((chat.remote_id, number))
        if post is None:
            raise bad_request("message to edit not found")
        return post, next(one for one in post.native["messages"] if one["message_id"] == number)

    def _edit(self, post: Post, message: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
        kept = ("message_id", "sender_chat", "chat", "date", "media_group_id")
        edited = {**{name: message[name] for name in kept if name in message}, **content}
        if edited == {name: value for name, value in message.items() if name != "edit_date"}:
            raise bad_request(SAME)
        message.clear()
        message |= {**edited, "edit_date": int(self._world.now().timestamp())}
        self._world.edit(post, **_facts(post.native["messages"]))
        return message

    def _delete(self, chat: AccountState, number: int, *, or_fail: bool) -> None:
        post = self._posts.pop((chat.remote_id, number), None)
        if post is None:
            if or_fail:
                raise bad_request("message to delete not found")
            return
        left = [one for one in post.native["messages"] if one["message_id"] != number]
        if not left:
            self._world.remove(post)
            return
        post.native["messages"] = left
        self._world.edit(post, **_facts(left))


def too_many(retry_after: Any) -> Answer:
    """429 as the Bot API gives it: the seconds are in the body and in no header."""
    description = (
        "Too Many Requests" if retry_after is None else f"Too Many Requests: retry after {retry_after}"
    )
    return failure(429, description, **({} if retry_after is None else {"retry_after": retry_after}))


def _text_content(parameters: Parameters) -> dict[str, Any]:
    text = parameters.text("text").rstrip()
    if not text.strip():
        raise bad_request("message text is empty")
    if units(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    entities = parameters.complex("entities", list)
    check_entities(text, entities)
    preview = parameters.complex("link_preview_options", dict)
    if unknown := preview.keys() - PREVIEW:
        raise bad_request(f"can't parse LinkPreviewOptions: unknown field {min(unknown)}")
    return {
        "text": text,
        **({"entities": entities} if entities else {}),
        **({"link_preview_options": preview} if preview else {}),
    }


def _caption(caption: Any, entities: Any) -> dict[str, Any]:
    if not isinstance(caption, str) or not isinstance(entities, list):
        raise bad_request("can't parse the caption")
    if units(caption) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    check_entities(caption, entities)
    return {
        **({"caption": caption} if caption else {}),
        **({"caption_entities": entities} if entities else {}),
    }


def _facts(messages: Sequence[dict[str, Any]]) -> dict[str, Any]:
    texts = [one.get("text", one.get("caption", "")) for one in messages]
    photos = sum("photo" in one for one in messages)
    return {"text": "\n".join(filter(None, texts)), "language": "", "alts": ("",) * photos}
