"""What befalls images between approval and sending: the file is gone, or other bytes lie in its place."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from scheduler.core.states import State
from scheduler.services.desk.releasing import release
from scheduler.services.members import find_member
from tests.fire.fleet import Fleet
from tests.fire.kind import Due, Kind, Rows
from tests.fire.kinds.answers import watch

BEFORE_DUE = Due(in_s=6, over_s=4)


def lose_files(fleet: Fleet) -> None:
    """Every image file is gone when its posts fall due, and comes back from a backup later."""
    _hold_for_images(fleet, Path.unlink)


def change_files(fleet: Fleet) -> None:
    """Another picture lies under each image's name when its posts fall due."""
    _hold_for_images(fleet, lambda path: path.write_bytes(picture("navy")))


def with_pictures(fleet: Fleet, rows: Rows) -> Rows:
    """The table with an image of its own in each post."""
    for number, row in enumerate(rows):
        name = f"{row['post']}.png"
        (fleet.installation.folder / name).write_bytes(picture("firebrick", side=32 + number))
        row |= {"media": name, "alt": "A red square"}
    return rows


def picture(colour: str, *, side: int = 32) -> bytes:
    """A square of one colour."""
    content = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(content, "PNG")
    return content.getvalue()


def _hold_for_images(fleet: Fleet, spoil: Callable[[Path], object]) -> None:
    """Spoil all images; nothing may be sent; put them back, and let a person release what was held."""
    kept = {path: path.read_bytes() for path in (fleet.settings.data / "media").rglob("*") if path.is_file()}
    for path in kept:
        spoil(path)
    watch(fleet)
    sent = fleet.seen()
    for path, content in kept.items():
        path.write_bytes(content)
    if sent:
        raise RuntimeError(f"{sent} posts were sent without their approved image")
    held = [row.id for row in fleet.deliveries() if row.state == State.HELD]
    release(fleet.runtime, held, by=find_member(fleet.runtime, "Mei"))


def _kind(name: str, play: Callable[[Fleet], None], **more: Any) -> Kind:
    return Kind(name=f"media-{name}", group="tokens", play=play, due=BEFORE_DUE, rows=with_pictures, **more)


KINDS = (
    _kind("gone", lose_files),
    _kind("changed-after-approval", change_files),
)
