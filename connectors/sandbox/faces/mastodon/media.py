"""Attachments: uploads that may take a moment, their descriptions, and their one use in a status."""

from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.exchange import MULTIPART, Answer, Upload, answer_json
from connectors.sandbox.faces.mastodon.bodies import read_body
from connectors.sandbox.faces.mastodon.entities import (
    DESCRIPTION_LIMIT,
    IMAGE_LIMIT,
    IMAGE_TYPES,
    MATRIX_LIMIT,
    MAX_ATTACHMENTS,
)
from connectors.sandbox.faces.mastodon.turn import MEDIA, Turn, refuse
from connectors.sandbox.pictures import Picture, look_at
from connectors.sandbox.world import AccountState

SLOW_BYTES = 256 * 1024


@dataclass(slots=True, kw_only=True)
class Attachment:
    """One upload; `polls_left` answers of 206 come before it is ready, `status_id` says who uses it."""

    owner: AccountState
    view: dict[str, Any] = field(repr=False)
    url: str
    polls_left: int
    status_id: str | None = None


class Attachments:
    """The media part of the face: files above 256 KB are processed for one look longer."""

    def __init__(self) -> None:
        self._known: dict[str, Attachment] = {}

    def upload(self, turn: Turn) -> Answer:
        """POST /api/v2/media: 200 when ready at once, 202 when processing goes on."""
        account = turn.writer()
        turn.spend(MEDIA)
        if turn.call.content_type != MULTIPART:
            raise refuse(415, "the file must come as multipart/form-data")
        body = read_body(turn, "file", "description", "focus")
        file = body.get("file")
        if not isinstance(file, Upload):
            raise turn.invalid("File can't be blank")
        picture = _accepted(turn, file)
        attachment = self._store(turn, account, file, picture, _description(turn, body))
        turn.world.record(account, "upload", remote_id=attachment.view["id"])
        return answer_json(attachment.view, status=202 if attachment.polls_left else 200)

    def show(self, turn: Turn) -> Answer:
        """GET /api/v1/media/{id}: 206 while processing; attached files are not found any more."""
        attachment = self._unattached(turn, turn.reader())
        if attachment.polls_left:
            attachment.polls_left -= 1
            return answer_json(attachment.view, status=206)
        attachment.view["url"] = attachment.url
        return answer_json(attachment.view)

    def describe(self, turn: Turn) -> Answer:
        """PUT /api/v1/media/{id}: change the description before it is used."""
        attachment = self._unattached(turn, turn.writer())
        body = read_body(turn, "description", "focus")
        if "description" in body:
            attachment.view["description"] = _description(turn, body)
        return answer_json(attachment.view)

    def discard(self, turn: Turn) -> Answer:
        """DELETE /api/v1/media/{id}: only while no status uses it."""
        attachment = self._unattached(turn, turn.writer())
        del self._known[attachment.view["id"]]
        return answer_json({})

    def take(self, turn: Turn, ids: Any, *, status_id: str | None) -> list[Attachment]:
        """The attachments for a status, each ready, one's own and used by no other status."""
        if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
            raise turn.invalid("media_ids must be an array of strings")
        if len(ids) > MAX_ATTACHMENTS:
            raise turn.invalid(f"Cannot attach more than {MAX_ATTACHMENTS} files")
        found = [self._known.get(one) for one in ids]
        if any(one is None or not _free(turn, one, status_id) for one in found):
            raise turn.invalid(f"Media {', '.join(ids)} not found or already attached to another post")
        ready = [one for one in found if one]
        if any(one.polls_left for one in ready):
            raise turn.invalid(
                "Cannot attach files that have not finished processing. Try again in a moment!"
            )
        return ready

    def change(self, turn: Turn, attributes: Any) -> None:
        """Apply the media_attributes of a status edit."""
        for change in attributes if isinstance(attributes, list) else [None]:
            if not isinstance(change, dict):
                raise turn.invalid("media_attributes must be an array of objects")
            attachment = self._known.get(str(change.get("id")))
            if attachment is None or attachment.owner is not turn.bearer:
                raise turn.invalid("media_attributes name no attachment")
            attachment.view["description"] = _description(turn, change)

    def _store(
        self, turn: Turn, account: AccountState, file: Upload, picture: Picture, description: str | None
    ) -> Attachment:
        number = 110_000_000_000_000_000 + turn.world.serial("mastodon-media")
        url = f"{account.base_url}/media/{number}"
        slow = len(file.content) > SLOW_BYTES or picture.mime_type == "image/gif"
        size = {"width": picture.width, "height": picture.height, "aspect": picture.width / picture.height}
        view = {
            "id": str(number),
            "type": "image",
            "url": None if slow else url,
            "preview_url": f"{url}/small",
            "remote_url": None,
            "meta": {"original": size, "small": size},
            "description": description,
            "blurhash": None,
        }
        self._known[str(number)] = Attachment(owner=account, view=view, url=url, polls_left=int(slow))
        return self._known[str(number)]

    def _unattached(self, turn: Turn, account: AccountState) -> Attachment:
        attachment = self._known.get(turn.path["id"])
        if attachment is None or attachment.owner is not account or attachment.status_id:
            raise refuse(404, "Record not found")
        return attachment


def _free(turn: Turn, attachment: Attachment, status_id: str | None) -> bool:
    return attachment.owner is turn.bearer and attachment.status_id in (None, status_id)


def _accepted(turn: Turn, file: Upload) -> Picture:
    picture = look_at(file.content)
    if picture is None or picture.mime_type not in IMAGE_TYPES:
        raise turn.invalid("File content type is invalid, File is invalid")
    if len(file.content) > IMAGE_LIMIT:
        raise turn.invalid("File file size must be less than 16 MB")
    if picture.width * picture.height > MATRIX_LIMIT:
        raise turn.invalid(f"{picture.width}x{picture.height} images are not supported")
    return picture


def _description(turn: Turn, body: dict[str, Any]) -> str | None:
    description = body.get("description")
    if description is not None and not isinstance(description, str):
        raise turn.invalid("Description must be text")
    if description and len(description) > DESCRIPTION_LIMIT:
        raise turn.invalid(f"Description is too long (maximum is {DESCRIPTION_LIMIT} characters)")
    return description or None
