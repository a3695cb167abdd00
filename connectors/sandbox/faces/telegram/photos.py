"""Photos: attached files or file ids of earlier ones, within the limits of sendPhoto (Bot API 10.3)."""

from typing import Any

from connectors.sandbox.exchange import Upload
from connectors.sandbox.faces.telegram.parameters import bad_request
from connectors.sandbox.pictures import look_at
from connectors.sandbox.world import World

MAX_BYTES = 10 * 1024 * 1024
MAX_SIDES = 10_000
MAX_RATIO = 20


class Photos:
    """Every photo the face has seen, by its file id."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[str, dict[str, Any]] = {}

    def take(self, given: str | Upload) -> dict[str, Any]:
        """The PhotoSize of an attached file, or of a photo that was sent before."""
        if isinstance(given, Upload):
            return self._store(given)
        if given not in self._known:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return self._known[given]

    def _store(self, upload: Upload) -> dict[str, Any]:
        size = len(upload.content)
        if size > MAX_BYTES:
            raise bad_request(
                f"file of size {size} bytes is too big for a photo; the maximum size is {MAX_BYTES} bytes"
            )
        if not upload.name:
            raise bad_request("file must be non-empty and named")
        picture = look_at(upload.content)
        if picture is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        sides = (picture.width, picture.height)
        if sum(sides) > MAX_SIDES or max(sides) > MAX_RATIO * min(sides):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        name = self._world.digest("telegram", "file", self._world.serial("telegram-file")).hex()
        photo: dict[str, Any] = {
            "file_id": f"AgACAgQ{name[:48]}",
            "file_unique_id": f"AQAD{name[48:60]}",
            "width": picture.width,
            "height": picture.height,
            "file_size": size,
        }
        self._known[photo["file_id"]] = photo
        return photo
