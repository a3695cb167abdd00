"""What is sent to a channel, and how its messages are named afterwards."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.contract import Account, MediaFile, Outgoing
from connectors.errors import Rejected
from connectors.telegram.capabilities import CAPABILITIES
from connectors.text import with_link

_LONGEST_SIDES = 10_000
_STEEPEST = 20
_PRIVATE_PREFIX = "-100"


@dataclass(frozen=True, slots=True)
class Address:
    """The messages of one publication: one, or the parts of an album in order."""

    chat_id: str
    message_ids: tuple[int, ...]

    @property
    def remote_id(self) -> str:
        """`chat id/message id[,message id…]`."""
        return f"{self.chat_id}/{','.join(map(str, self.message_ids))}"

    def url(self, account: Account) -> str:
        """Where people find it: by the channel's name, or for members only when it has none."""
        name = account.handle.removeprefix("@")
        place = f"c/{name.removeprefix(_PRIVATE_PREFIX)}" if name.startswith("-") else name
        return f"https://t.me/{place}/{self.message_ids[0]}"


def id_of_link(account: Account, url: str) -> str | None:
    """The remote id of the message at this link to the account's own channel; None for any other link."""
    before, _, number = url.partition("?")[0].rstrip("/").rpartition("/")
    if not number.isdecimal() or not account.remote_id:
        return None
    address = Address(account.remote_id, (int(number),))
    known = (address.url(account), address.url(replace(account, handle=account.remote_id)))
    return address.remote_id if f"{before}/{int(number)}".lower() in map(str.lower, known) else None


def parse_remote_id(remote_id: str) -> Address:
    """The messages a remote id names; Rejected when it names none."""
    chat_id, _, ids = remote_id.partition("/")
    try:
        return Address(chat_id, tuple(map(int, ids.split(","))))
    except ValueError:
        raise Rejected("this is no id of Telegram messages", field="post") from None


def address_of(messages: Any) -> Address | None:
    """Where the sent messages are, or None when the answer does not say.

    A message_id of 0 means that Telegram has only queued the message (Bot API 10.3 spec, 2026-11).
    """
    sent = messages if isinstance(messages, list) else [messages]
    try:
        address = Address(str(sent[0]["chat"]["id"]), tuple(int(message["message_id"]) for message in sent))
    except (IndexError, KeyError, TypeError, ValueError):
        return None
    return address if all(message_id > 0 for message_id in address.message_ids) else None


def chat_of(account: Account) -> str:
    """The channel's id once it is known, else its @name."""
    return account.remote_id or account.handle


def words_of(outgoing: Outgoing) -> str:
    """The text or caption as people will see it, without the white space Telegram cuts off."""
    return with_link(outgoing.text, outgoing.link).strip()


def message_request(chat_id: str, outgoing: Outgoing) -> tuple[str, dict[str, Any]]:
    """(method, request) that sends everything at once: a message, a photo, or an album."""
    _refuse_unfit_images(outgoing.media)
    if not outgoing.media:
        return "sendMessage", {"json": {"chat_id": chat_id, **text_fields(outgoing)}}
    if len(outgoing.media) == 1:
        data = {"chat_id": chat_id, "caption": words_of(outgoing)}
        return "sendPhoto", {"data": data, "files": {"photo": _part("image", outgoing.media[0])}}
    files = {f"image{n}": _part(f"image{n}", file) for n, file in enumerate(outgoing.media)}
    album = [{"type": "photo", "media": f"attach://{name}"} for name in files]
    album[0]["caption"] = words_of(outgoing)
    return "sendMediaGroup", {"data": {"chat_id": chat_id, "media": json.dumps(album)}, "files": files}


def text_fields(outgoing: Outgoing) -> dict[str, Any]:
    """The text and its card. Telegram finds links, mentions and hashtags itself, so no entities are sent."""
    preview = {"link_preview_options": {"url": outgoing.link}} if outgoing.link else {}
    return {"text": words_of(outgoing), **preview}


def _part(name: str, file: MediaFile) -> tuple[str, bytes, str]:
    return f"{name}.{file.mime_type.removeprefix('image/')}", file.content, file.mime_type


def _refuse_unfit_images(media: Sequence[MediaFile]) -> None:
    if len(media) > CAPABILITIES.media.max_count:
        raise Rejected(f"{len(media)} images, at most {CAPABILITIES.media.max_count}", field="media")
    for file in media:
        sides = sorted((file.width, file.height))
        if sum(sides) > _LONGEST_SIDES or sides[1] > _STEEPEST * sides[0]:
            raise Rejected(
                f"{file.name}: {file.width} x {file.height} is too large or too narrow", field="media"
            )
