"""Images as platforms take them: proved to be images, without metadata, upright, small enough.

The same input always gives the same bytes, and fitting a fitted image changes nothing: approval is given
to the hash of the bytes that will be sent.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

from connectors.image_metadata import strip_metadata

MAX_PIXELS = 64_000_000
MAX_SIDES = 10_000
"""Width and height together after fitting: Telegram takes no more, and nobody shows as much."""
MIME_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
}
_JPEG, _PNG, _WEBP = "image/jpeg", "image/png", "image/webp"
_WISHES = {"RGB": (_JPEG, _WEBP, _PNG), "RGBA": (_WEBP, _PNG, _JPEG)}
_ORIENTATION = 0x0112
_SIDEWAYS = (5, 6, 7, 8)
_QUALITIES = (90, 82, 75)
_SHRINK = 0.8
_SMALLEST_SIDE = 16


class NotAnImage(ValueError):
    """The bytes are not a whole JPEG, PNG, GIF or WebP image of at most MAX_PIXELS pixels over all frames."""


class CannotFit(ValueError):
    """The image cannot be brought within the platform's rule without changing what it shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """What an image is; width and height in pixels as people see it, orientation applied."""

    mime_type: str
    width: int
    height: int
    frames: int


def inspect_image(content: bytes) -> ImageFacts:
    """Decode every frame and say what the image is; NotAnImage otherwise."""
    with _decoding():
        image = _open(content)
        frames = _frames(image)
        if image.width * image.height * frames > MAX_PIXELS:
            size = f"{image.width} x {image.height} pixels in {frames} frames"
            raise NotAnImage(f"the image has {size}, over {MAX_PIXELS} in all")
        for frame in range(frames):
            image.seek(frame)
            image.load()
        image.seek(0)
        width, height = image.size
        if _orientation(image) in _SIDEWAYS:
            width, height = height, width
        return ImageFacts(mime_type=MIME_TYPES[image.format or ""], width=width, height=height, frames=frames)


def fit_image(content: bytes, *, max_bytes: int, mime_types: Collection[str]) -> tuple[bytes, str]:
    """(bytes, MIME type) within the rule: no metadata, upright, re-encoded or made smaller only when needed.

    Raises NotAnImage, or CannotFit for an animation that is too large or of a type not taken.
    """
    facts = inspect_image(content)
    image = _open(content)
    if facts.mime_type in mime_types and (facts.frames > 1 or _stays(facts, image)):
        clean = strip_metadata(content, facts.mime_type)
        if clean is not None and len(clean) <= max_bytes:
            return clean, facts.mime_type
    if facts.frames > 1:
        raise CannotFit(
            f"an animated {facts.mime_type} of {len(content)} bytes cannot be encoded again; "
            + _rule(max_bytes, mime_types)
        )
    with _decoding():
        ImageOps.exif_transpose(image, in_place=True)
        upright = _drawable(image)
        upright = _scaled(upright, min(1, MAX_SIDES / sum(upright.size)))
    for encoded, mime_type in _encodings(facts.mime_type, upright, max_bytes, mime_types):
        if len(encoded) <= max_bytes:
            return encoded, mime_type
    raise CannotFit(f"an image of {len(content)} bytes; {_rule(max_bytes, mime_types)}")


def small_picture(content: bytes, size: tuple[int, int]) -> bytes:
    """A JPEG of exactly this size, its middle where the shape is another; NotAnImage as `inspect_image`.

    A large JPEG is read at an eighth to a half of its size, which takes some milliseconds.
    """
    with _decoding(), _open(content) as image:
        if image.width * image.height > MAX_PIXELS:
            raise NotAnImage(f"the image has over {MAX_PIXELS} pixels")
        image.draft("RGB", (2 * size[0], 2 * size[1]))
        upright = ImageOps.exif_transpose(image)
        fitted = ImageOps.fit(_drawable(upright), size, Image.Resampling.LANCZOS)
        return _encode(fitted, _JPEG, quality=_QUALITIES[-1])


@contextmanager
def _decoding() -> Iterator[None]:
    try:
        yield
    except NotAnImage:
        raise
    except Exception as error:  # noqa: BLE001 - decoders answer hostile bytes with any exception at all
        said = type(error).__name__
        raise NotAnImage(f"not a whole JPEG, PNG, GIF or WebP image ({said})") from None


def _open(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content), formats=("JPEG", "PNG", "GIF", "WEBP"))


def _frames(image: Image.Image) -> int:
    """Frames people see in turn; the second picture in a phone's JPEG (MPO) is not one."""
    return 1 if image.format == "MPO" else int(getattr(image, "n_frames", 1))


def _orientation(image: Image.Image) -> int:
    return int(image.getexif().get(_ORIENTATION, 1))


def _stays(facts: ImageFacts, image: Image.Image) -> bool:
    """True when the pixels can be sent as they are."""
    return _orientation(image) == 1 and facts.width + facts.height <= MAX_SIDES


def _drawable(image: Image.Image) -> Image.Image:
    """The image in RGB or RGBA with nothing attached but its colour profile, where that still applies."""
    profile = image.info.get("icc_profile") if image.mode in _WISHES else None
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda level: level / 256).convert("L")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    drawable = image if image.mode == mode else image.convert(mode)
    drawable.info = {"icc_profile": profile} if profile else {}
    return drawable


def _encodings(
    own: str, image: Image.Image, max_bytes: int, mime_types: Collection[str]
) -> Iterator[tuple[bytes, str]]:
    """(bytes, MIME type) from the best looking to the smallest, nearing `max_bytes` in few steps."""
    if own == _PNG and _PNG in mime_types:
        yield _encode(image, _PNG, quality=_QUALITIES[0]), _PNG
    mime_type = _target(own, image, mime_types)
    scale = 1.0
    while min(image.size) * scale >= min(_SMALLEST_SIDE, *image.size):
        smaller = _scaled(image, scale)
        for quality in _QUALITIES:
            encoded = _encode(smaller, mime_type, quality=quality)
            yield encoded, mime_type
        scale *= min(_SHRINK, (max_bytes / len(encoded)) ** 0.5)


def _target(own: str, image: Image.Image, mime_types: Collection[str]) -> str:
    """The type to make smaller: its own if that shrinks well, else the first taken that keeps the look."""
    wishes = (own, *_WISHES[image.mode]) if own in _WISHES[image.mode][:2] else _WISHES[image.mode]
    for wish in wishes:
        if wish in mime_types:
            return wish
    raise CannotFit(f"the platform takes only {', '.join(sorted(mime_types))}")


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    if scale >= 1:
        return image
    size = (max(1, int(image.width * scale)), max(1, int(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)


def _encode(image: Image.Image, mime_type: str, *, quality: int) -> bytes:
    profile = image.info.get("icc_profile")
    if mime_type == _JPEG and image.mode == "RGBA":
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    out = BytesIO()
    kind = mime_type.removeprefix("image/")
    image.save(out, format=kind, quality=quality, optimize=True, icc_profile=profile)
    return out.getvalue()


def _rule(max_bytes: int, mime_types: Collection[str]) -> str:
    return f"the platform takes {', '.join(sorted(mime_types))} up to {max_bytes} bytes"
