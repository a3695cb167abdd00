"""Images of posts: proved, cleaned, made to fit stricter platforms, and stored once."""

import errno
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from connectors.images import inspect_image
from scheduler.core.problems import Refused
from scheduler.services.delivery.outgoing import LostMedia, outgoings_of
from scheduler.services.desk.posts import list_posts, show_post
from scheduler.services.desk.queue import Filter, list_deliveries
from scheduler.services.media import MediaFolder
from scheduler.services.runtime import Runtime
from scheduler.services.writing.composing import ImportedPosts, import_posts
from scheduler.store.tables import Asset, Rendition
from tests.services.tables import ONE_DATABASE, POST, admin, blocking, enrol, picture, told, write_table

LARGE = picture(size=(2000, 1500), noise=True)


@pytest.fixture
def matrix(runtime: Runtime, tmp_path: Path) -> Runtime:
    """The runtime with four channels and a folder with two images."""
    enrol(runtime, tmp_path)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "large.jpg").write_bytes(LARGE)
    (tmp_path / "small.png").write_bytes(picture(kind="PNG"))
    return runtime


def load(
    runtime: Runtime, folder: Path, *, arabic_alt: str = "", dry_run: bool = False, **cells: str
) -> ImportedPosts:
    table = write_table(folder / "posts.csv", [POST | cells | {"alt.ar": arabic_alt}])
    return import_posts(runtime, table, author=admin(runtime), dry_run=dry_run)


def stored_files(folder: Path) -> int:
    return sum(path.is_file() for path in (folder / "data" / "media").rglob("*"))


def test_an_image_over_a_platforms_limit_is_made_to_fit_there_and_said(
    matrix: Runtime, tmp_path: Path
) -> None:
    assert len(LARGE) > 3_000_000
    done = load(matrix, tmp_path, media="images/large.jpg|small.png", alt="The hall|A wall")
    advice = [words for _, column, words in map(told, done.advice) if column == "media"]
    assert [words.partition(":")[0] for words in advice] == ["“images/large.jpg” is made to fit bluesky"]
    lines = {line.channel: line.id for line in list_deliveries(matrix, Filter())}
    with matrix.begin() as session:
        sent = outgoings_of(session, matrix, list(lines.values()))
    sizes = {}
    for channel, id_ in lines.items():
        outgoing = sent[id_]
        assert not isinstance(outgoing, LostMedia)
        assert [file.alt for file in outgoing.media] == ["The hall", "A wall"]
        assert [file.mime_type for file in outgoing.media] == ["image/jpeg", "image/png"]
        assert inspect_image(outgoing.media[0].content).width == outgoing.media[0].width
        sizes[channel] = len(outgoing.media[0].content)
    assert sizes["cairo"] == sizes["london"] <= 2_000_000 < sizes["mexico"] == sizes["taipei"]


def test_the_same_image_is_stored_once(matrix: Runtime, tmp_path: Path) -> None:
    load(matrix, tmp_path, media="images/large.jpg")
    load(matrix, tmp_path, post="second", media=str(tmp_path / "images" / "large.jpg"))
    with matrix.begin() as session:
        assert len(session.scalars(select(Asset)).all()) == 2
        assert len(session.scalars(select(Rendition)).all()) == 1
    assert stored_files(tmp_path) == 2


def test_alt_texts_follow_the_language(matrix: Runtime, tmp_path: Path) -> None:
    load(matrix, tmp_path, media="small.png", alt="A wall", arabic_alt="جدار")
    alts = {text.language: text.alts for text in show_post(matrix, "museum").texts}
    assert (alts["ar"], alts["en"]) == (("جدار",), ("A wall",))


@ONE_DATABASE
def test_a_missing_alt_text_is_advice(matrix: Runtime, tmp_path: Path) -> None:
    done = load(matrix, tmp_path, media="small.png", arabic_alt="جدار")
    assert [words for _, column, words in map(told, done.advice) if column == "alt"] == [
        "an image has no alt text in en, es, zh-Hant: people who cannot see it learn nothing"
    ]


def test_metadata_never_leaves_the_house(matrix: Runtime, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at the editor's home"
    Image.new("RGB", (40, 30), "teal").save(tmp_path / "tagged.jpg", exif=exif)
    load(matrix, tmp_path, media="tagged.jpg")
    (asset,) = (path for path in (tmp_path / "data" / "media").rglob("*") if path.is_file())
    assert b"editor" not in asset.read_bytes()


@ONE_DATABASE
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"this is no image", "cannot be used: not a whole JPEG, PNG, GIF or WebP image"),
        (LARGE[:5000], "cannot be used: not a whole JPEG, PNG, GIF or WebP image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "cannot be used"),
        (b"", "cannot be used"),
    ],
    ids=["text", "cut off", "svg", "empty"],
)
def test_what_is_not_an_image_is_refused_and_nothing_is_stored(
    matrix: Runtime, tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "bad.jpg").write_bytes(content)
    with pytest.raises(Refused) as refused:
        load(matrix, tmp_path, media="small.png|bad.jpg")
    ((row, column, said),) = blocking(refused.value)
    assert (row, column) == (2, "media")
    assert words in said
    assert stored_files(tmp_path) == 0


@ONE_DATABASE
def test_a_file_too_large_to_look_at_is_refused(matrix: Runtime, tmp_path: Path) -> None:
    with (tmp_path / "huge.jpg").open("wb") as file:
        file.truncate(60_000_000)
    with pytest.raises(Refused, match=r"“huge\.jpg” is larger than 50 MB"):
        load(matrix, tmp_path, media="huge.jpg")


@ONE_DATABASE
def test_too_many_images_are_told_for_the_platform_that_takes_fewer(matrix: Runtime, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        load(matrix, tmp_path, media="|".join(["small.png"] * 5))
    assert [words for _, _, words in blocking(refused.value)] == [
        "5 images, Bluesky takes 4 (for cairo, london)",
        "5 images, Mastodon takes 4 (for mexico)",
    ]


@ONE_DATABASE
def test_a_link_out_of_the_folder_is_refused(matrix: Runtime, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside.png"
    outside.write_bytes(picture(kind="PNG"))
    (tmp_path / "inside.png").symlink_to(outside)
    with pytest.raises(Refused, match="outside the folder"):
        load(matrix, tmp_path, media="inside.png")


@ONE_DATABASE
def test_a_dry_run_leaves_no_file_behind(matrix: Runtime, tmp_path: Path) -> None:
    load(matrix, tmp_path, media="images/large.jpg", dry_run=True)
    assert stored_files(tmp_path) == 0


def test_a_changed_image_is_a_changed_post(matrix: Runtime, tmp_path: Path) -> None:
    load(matrix, tmp_path, media="small.png")
    assert load(matrix, tmp_path, media="small.png").unchanged == ("museum",)
    (tmp_path / "small.png").write_bytes(picture(size=(50, 50), kind="PNG"))
    assert load(matrix, tmp_path, media="small.png").changed == ("museum",)


class FullDisk(MediaFolder):
    """A folder on a disk with no room left."""

    def put(self, content: bytes) -> str:
        """Fail as the system does."""
        raise OSError(errno.ENOSPC, f"No space left for {len(content)} bytes")


def test_a_full_disk_loses_nothing(matrix: Runtime, tmp_path: Path) -> None:
    full = replace(matrix, media=FullDisk(tmp_path / "full"))
    with pytest.raises(OSError, match="No space left"):
        load(full, tmp_path, media="small.png")
    assert list_posts(matrix) == []
    assert load(matrix, tmp_path, media="small.png").added == ("museum",)
