"""A report shows the posts' own images, small, and does without those that are gone."""

from datetime import timedelta
from io import BytesIO

from PIL import Image

from scheduler.reports.rendering import render
from scheduler.services.media import path_of
from scheduler.services.reach.reporting import weekly_report
from scheduler.services.reach.thumbnails import SIZE
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Asset, Variant, VariantMedia
from scheduler.testing import FakeClock
from tests.reports.books import LONG_AGO, Books
from tests.reports.page import Element, read_page

ALT = "Un « faucon » & une fenêtre"


def test_a_post_s_picture_is_shown_until_it_is_gone_and_the_figures_stay_the_same_bytes(
    runtime: Runtime, clock: FakeClock
) -> None:
    sha256 = published_with_a_picture(runtime, clock)
    first = weekly_report(runtime)
    assert [post.picture.sha256 for post in first.dataset.best if post.picture] == [sha256]
    (image,) = shown(render(first, "html", "ar"))
    assert image.attributes["alt"] == ALT
    assert image.attributes["src"].startswith("data:image/jpeg;base64,")
    assert len(image.attributes["src"]) < 40_000
    with Image.open(BytesIO(first.pictures[sha256])) as small:
        assert small.size == SIZE
    runtime.media._folder.joinpath(path_of(sha256)).unlink()
    second = weekly_report(runtime)
    assert not shown(render(second, "html", "ar"))
    assert {render(one, "json", "en") for one in (first, second)} == {first.text.encode()}
    assert render(second, "csv", "en") == render(first, "csv", "en")


def shown(page: bytes) -> list[Element]:
    return read_page(page).all("img")


def published_with_a_picture(runtime: Runtime, clock: FakeClock) -> str:
    """A post of last week with a picture and some likes; the SHA-256 of the picture."""
    now = clock.now()
    books = Books(runtime, now - LONG_AGO)
    channel = books.channel("mastodon", "fr", "FR")
    post = books.post("falcon", {"fr": "Sept œufs"})
    sha256 = attach(runtime, post)
    publication = books.publish(post, channel, at=now - timedelta(days=5))
    books.read(publication, {"favourites_count": 7}, at=now - timedelta(days=4))
    return sha256


def attach(runtime: Runtime, post_id: int) -> str:
    content = BytesIO()
    Image.effect_noise((2_000, 1_000), 60).convert("RGB").save(content, "JPEG")
    path = runtime.media.put(content.getvalue())
    asset = Asset(
        organisation_id=runtime.organisation_id,
        sha256=path.partition("/")[2],
        mime_type="image/jpeg",
        size=len(content.getvalue()),
        width=2_000,
        height=1_000,
        path=path,
        created_at=runtime.clock.now(),
    )
    with runtime.begin() as session:
        variant = session.query(Variant).filter_by(post_id=post_id).one()
        session.add(VariantMedia(variant_id=variant.id, position=0, alt=ALT, asset=asset))
    return path.partition("/")[2]
