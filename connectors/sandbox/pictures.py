"""What an upload really is, read from its bytes and never from its name."""

import io
import warnings
from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image's real type and its size in pixels."""

    mime_type: str
    width: int
    height: int


def look_at(content: bytes) -> Picture | None:
    """The picture in these bytes, or None when they hold none that can be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as image:
                image.verify()
                return Picture(
                    mime_type=Image.MIME.get(image.format or "", "application/octet-stream"),
                    width=image.width,
                    height=image.height,
                )
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombWarning, Image.DecompressionBombError):
        return None
