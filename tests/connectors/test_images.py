"""Images are proved, cleaned of places and names, and brought within a platform's rule."""

import random
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from connectors.image_metadata import strip_metadata
from connectors.images import MAX_PIXELS, CannotFit, NotAnImage, fit_image, inspect_image

ALL = frozenset(("image/jpeg", "image/png", "image/gif", "image/webp"))
SECRET = b"Latitude 31.2304"
MEGABYTE = 1_000_000


def noise(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> Image.Image:
    count = size[0] * size[1] * len(mode)
    return Image.frombytes(mode, size, random.Random(7).randbytes(count))  # noqa: S311 - noise, no secret


def exif(orientation: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x010E] = SECRET.decode()
    made.get_ifd(0x8825)[1] = "N"
    return made


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, format=kind, **options)
    return out.getvalue()


def animation(kind: str, *, comment: bytes = b"", size: tuple[int, int] = (8, 8)) -> bytes:
    first, second = Image.new("RGB", size, "red"), Image.new("RGB", size, "blue")
    options: dict[str, object] = {"comment": comment} if comment else {}
    return saved(first, kind, save_all=True, append_images=[second], duration=100, loop=0, **options)


def pixels(content: bytes) -> list[bytes]:
    image = Image.open(BytesIO(content))
    frames = []
    for frame in range(getattr(image, "n_frames", 1)):
        image.seek(frame)
        frames.append(image.convert("RGBA").tobytes())
    return frames


def png_with_text() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Location", SECRET.decode())
    return saved(noise(), "PNG", pnginfo=text)


CARRIERS = {
    "jpeg": saved(noise(), "JPEG", exif=exif(), comment=SECRET) + b"appended film" + SECRET,
    "progressive": saved(noise(), "JPEG", exif=exif(), progressive=True),
    "png": png_with_text() + SECRET,
    "webp": saved(noise(), "WEBP", exif=exif(), lossless=True),
    "gif": animation("GIF", comment=SECRET) + SECRET,
    "animated webp": saved(
        noise(),
        "WEBP",
        save_all=True,
        append_images=[noise().transpose(Image.Transpose.ROTATE_180)],
        exif=exif(),
    ),
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_an_image_tells_its_type_and_size(kind: str) -> None:
    facts = inspect_image(saved(noise(), kind))
    assert (facts.mime_type, facts.width, facts.height, facts.frames) == (f"image/{kind.lower()}", 64, 48, 1)


def test_the_size_is_the_one_people_see() -> None:
    facts = inspect_image(saved(noise(), "JPEG", exif=exif(orientation=6)))
    assert (facts.width, facts.height) == (48, 64)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_frames_of_an_animation_are_counted(kind: str) -> None:
    assert inspect_image(animation(kind)).frames == 2


def test_the_second_picture_of_a_phone_photo_is_not_a_frame() -> None:
    content = saved(noise(), "MPO", save_all=True, append_images=[noise()])
    assert inspect_image(content).frames == 1
    assert inspect_image(content).mime_type == "image/jpeg"
    fitted, _ = fit_image(content, max_bytes=MEGABYTE, mime_types=ALL)
    assert len(fitted) < 0.6 * len(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an image",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        saved(noise(), "BMP"),
        saved(noise(), "JPEG")[:-400],
        saved(noise(), "PNG")[:-400],
        saved(noise(), "WEBP")[:-400],
        animation("GIF")[:-20],
    ],
    ids=["empty", "text", "svg", "bmp", "cut jpeg", "cut png", "cut webp", "cut gif"],
)
def test_what_is_not_a_whole_image_is_refused(content: bytes) -> None:
    with pytest.raises(NotAnImage):
        inspect_image(content)


@pytest.mark.parametrize("content", CARRIERS.values(), ids=CARRIERS)
def test_damaged_bytes_give_an_image_or_a_refusal_and_nothing_else(content: bytes) -> None:
    chance = random.Random(11)  # noqa: S311 - repeatable damage, no secret
    for _ in range(150):
        damaged = bytearray(content)
        for _ in range(3):
            damaged[chance.randrange(min(len(damaged), 700))] = chance.randrange(256)
        try:
            fitted, _ = fit_image(bytes(damaged), max_bytes=MEGABYTE, mime_types=ALL)
        except (NotAnImage, CannotFit):
            continue
        assert SECRET not in fitted


def test_a_decompression_bomb_is_refused_before_it_is_decoded() -> None:
    side = int(MAX_PIXELS**0.5) + 1
    with pytest.raises(NotAnImage, match="pixels"):
        inspect_image(saved(Image.new("1", (side, side)), "PNG"))
    with pytest.raises(NotAnImage):
        inspect_image(saved(Image.new("1", (2 * side, 2 * side)), "PNG"))


@pytest.mark.parametrize("content", CARRIERS.values(), ids=CARRIERS)
def test_metadata_goes_and_every_pixel_stays(content: bytes) -> None:
    assert SECRET in content or b"Exif" in content or b"EXIF" in content
    fitted, mime_type = fit_image(content, max_bytes=MEGABYTE, mime_types=ALL)
    assert SECRET not in fitted
    assert not Image.open(BytesIO(fitted)).getexif()
    assert mime_type == inspect_image(content).mime_type
    assert pixels(fitted) == pixels(content)


@pytest.mark.parametrize("content", CARRIERS.values(), ids=CARRIERS)
def test_fitting_is_repeatable_and_fitting_again_changes_nothing(content: bytes) -> None:
    once = fit_image(content, max_bytes=MEGABYTE, mime_types=ALL)
    assert once == fit_image(content, max_bytes=MEGABYTE, mime_types=ALL)
    assert once == fit_image(once[0], max_bytes=MEGABYTE, mime_types=ALL)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_sideways_photo_is_turned_upright(kind: str) -> None:
    photo = Image.new("RGB", (64, 48), "red")
    photo.paste("blue", (0, 0, 64, 8))
    content = saved(photo, kind, exif=exif(orientation=6), comment=SECRET)
    fitted, _ = fit_image(content, max_bytes=MEGABYTE, mime_types=ALL)
    assert SECRET not in fitted
    upright = Image.open(BytesIO(fitted)).convert("RGB")
    assert upright.size == (48, 64)
    red, _, blue = upright.getpixel((47, 32))  # type: ignore[misc]
    assert (red < 60, blue > 200) == (True, True)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_heavy_image_is_made_to_fit(kind: str) -> None:
    content = saved(noise((600, 400)), kind, quality=98)
    fitted, mime_type = fit_image(content, max_bytes=60_000, mime_types=ALL)
    facts = inspect_image(fitted)
    assert len(fitted) <= 60_000
    assert facts.mime_type == mime_type
    assert facts.width / facts.height == pytest.approx(1.5, rel=0.02)
    assert (fitted, mime_type) == fit_image(content, max_bytes=60_000, mime_types=ALL)


def test_a_photo_of_more_pixels_than_anyone_shows_is_made_smaller() -> None:
    content = saved(Image.new("RGB", (9_000, 3_000), "red"), "JPEG", icc_profile=b"profile")
    fitted, mime_type = fit_image(content, max_bytes=10 * MEGABYTE, mime_types=ALL)
    facts = inspect_image(fitted)
    assert (facts.width, facts.height, mime_type) == (7_500, 2_500, "image/jpeg")
    assert Image.open(BytesIO(fitted)).info["icc_profile"] == b"profile"
    assert fit_image(fitted, max_bytes=10 * MEGABYTE, mime_types=ALL)[0] == fitted


def test_a_heavy_poster_becomes_a_jpeg_at_full_size_before_it_is_made_smaller() -> None:
    fitted, mime_type = fit_image(saved(noise((300, 200)), "PNG"), max_bytes=100_000, mime_types=ALL)
    assert mime_type == "image/jpeg"
    assert inspect_image(fitted).width == 300


def test_transparency_survives_where_a_taken_type_can_hold_it() -> None:
    content = saved(noise(mode="RGBA"), "PNG")
    fitted, mime_type = fit_image(content, max_bytes=4_000, mime_types=frozenset(("image/jpeg", "image/png")))
    assert mime_type == "image/png"
    assert Image.open(BytesIO(fitted)).has_transparency_data


def test_a_transparent_image_lies_on_white_where_only_jpeg_is_taken() -> None:
    content = saved(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG")
    fitted, _ = fit_image(content, max_bytes=MEGABYTE, mime_types=frozenset(("image/jpeg",)))
    assert Image.open(BytesIO(fitted)).getpixel((3, 3)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "P", "I;16", "LA"])
def test_every_colour_mode_is_turned_into_one_platforms_take(mode: str) -> None:
    grey = Image.new("L", (20, 20), 128)
    source = Image.new("I;16", (20, 20), 128 * 256) if mode == "I;16" else grey.convert(mode)
    content = saved(source, "JPEG" if mode == "CMYK" else "PNG")
    fitted, mime_type = fit_image(content, max_bytes=MEGABYTE, mime_types=frozenset(("image/webp",)))
    drawn = Image.open(BytesIO(fitted)).convert("L").resize((1, 1)).getpixel((0, 0))
    assert mime_type == "image/webp"
    assert drawn == pytest.approx(128, abs=12)


def test_an_animation_that_is_too_heavy_or_not_taken_is_refused_not_frozen() -> None:
    with pytest.raises(CannotFit, match="animated"):
        fit_image(animation("GIF", size=(64, 64)), max_bytes=100, mime_types=ALL)
    with pytest.raises(CannotFit, match="animated"):
        fit_image(animation("GIF"), max_bytes=MEGABYTE, mime_types=frozenset(("image/jpeg",)))


def test_a_rule_nothing_can_meet_is_said_so() -> None:
    with pytest.raises(CannotFit, match="up to 50 bytes"):
        fit_image(saved(noise(), "JPEG"), max_bytes=50, mime_types=ALL)
    with pytest.raises(CannotFit, match="image/avif"):
        fit_image(saved(noise(), "JPEG"), max_bytes=MEGABYTE, mime_types=frozenset(("image/avif",)))


def test_a_colour_profile_is_kept_when_an_image_is_encoded_again() -> None:
    content = saved(noise(), "JPEG", icc_profile=b"profile of a wide screen", exif=exif(orientation=3))
    fitted, _ = fit_image(content, max_bytes=MEGABYTE, mime_types=ALL)
    assert Image.open(BytesIO(fitted)).info["icc_profile"] == b"profile of a wide screen"


@pytest.mark.parametrize("mime_type", sorted(ALL))
def test_a_structure_it_does_not_know_is_left_to_the_decoder(mime_type: str) -> None:
    assert strip_metadata(b"GIF89a" + b"\x01" * 20, mime_type) is None
