"""Why a post did well is only said where the channel's other publications bear it out."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.grown import Grown
from scheduler.core.reasons import LEAST, Format, History, Made, Trait, why

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
TEXT, IMAGE = (Made(language="ar", length=50, format=kind) for kind in (Format.TEXT, Format.IMAGE))


def history(values: dict[int, tuple[int, Made]]) -> History:
    grown = [
        Grown(
            post_id=post,
            channel_id=1,
            published_at=AT + timedelta(days=post),
            responses=responses,
            definitions=(),
        )
        for post, (responses, _) in values.items()
    ]
    return History(ZoneInfo("UTC"), grown, {post: made for post, (_, made) in values.items()})


WITH_IMAGES = {
    **{post: (40 + post, IMAGE) for post in range(1, 11)},
    **{post: (post, TEXT) for post in range(11, 21)},
}


def test_what_a_good_post_has_in_common_with_what_brings_more_is_told() -> None:
    found = why("c", 10, history(WITH_IMAGES), good=True)
    # Of the 19 others: 41 to 49 with an image, 11 to 20 without; the tenth is 20.
    assert (found.responses, found.median, found.count) == (50, 20.0, 19)
    [claim] = found.claims
    assert (claim.trait, claim.value) == (Trait.FORMAT, "image")
    assert (claim.alike.count, claim.alike.mean) == (9, 45.0)
    assert (claim.others.count, claim.others.mean) == (10, 15.5)


def test_nothing_is_said_against_the_way_a_post_went() -> None:
    assert why("c", 11, history(WITH_IMAGES), good=True).claims == ()  # a best post below the median
    assert why("c", 10, history(WITH_IMAGES), good=False).claims == ()
    [claim] = why("c", 11, history(WITH_IMAGES), good=False).claims
    assert (claim.value, claim.alike.count, claim.others.mean) == ("text", 9, 45.5)


def test_a_thin_history_and_a_post_not_read_then_say_nothing() -> None:
    few = {post: WITH_IMAGES[post] for post in range(1, 9)}
    thin = why("c", 1, history(few), good=True)
    assert (thin.median, thin.count, thin.claims) == (None, 7, ())
    unread = why("c", 99, history(WITH_IMAGES), good=True)
    assert (unread.responses, unread.claims) == (None, ())


@given(st.lists(st.tuples(st.integers(0, 500), st.booleans()), min_size=1, max_size=60), st.booleans())
def test_every_claim_has_its_base_and_its_direction(made: list[tuple[int, bool]], good: bool) -> None:
    values = {post: (count, IMAGE if image else TEXT) for post, (count, image) in enumerate(made)}
    found = why("c", 0, history(values), good=good)
    assert (found.median is None) == (found.count < LEAST)
    for claim in found.claims:
        assert min(claim.alike.count, claim.others.count) >= LEAST
        assert (claim.alike.mean > claim.others.mean) == good
