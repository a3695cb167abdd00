"""What a language may bring of which nothing was seen: by how much was to be expected, worked out by hand."""

import pytest

from scheduler.core.side_by_side import Appearance, PostSides, compare_languages, side_by_side


def post(number: int, readers: int) -> PostSides:
    """Russian brought 6 of 1,000 followers, Arabic nothing of so many `readers`."""
    brought = {"ru": (6, 1000), "ar": (0, readers)}
    return PostSides(
        ref=str(number),
        sides=side_by_side(
            Appearance(
                channel_id=number,
                channel=language,
                language=language,
                countable=True,
                responses=responses,
                followers=followers,
            )
            for language, (responses, followers) in brought.items()
        ),
    )


@pytest.mark.parametrize(
    ("readers", "at_most"),
    [
        # The mean is 3 of 1,000: 24 were expected of 8 posts, c = 3 / 24, c × 2 / (c + 2) = 0.25 / 2.125.
        (1_000, 0.1176),
        # 0.24 were expected: c = 12.5, 25 / 14.5. Until 2026-11-22 it was said to bring 3 / 8 at most.
        (10, 1.7241),
        # 0.024 were expected: no language of two brings more than twice the mean.
        (1, 1.9685),
    ],
)
def test_silence_of_few_readers_says_little(readers: int, at_most: float) -> None:
    shares = compare_languages(post(number, readers) for number in range(8))
    arabic, russian = (one.estimate for one in shares)
    assert arabic is not None
    assert (arabic.count, arabic.mean, arabic.low) == (8, 0.0, 0.0)
    assert arabic.high == pytest.approx(at_most, abs=0.0001)
    assert russian is not None
    # Of two languages the multiples add up to 2: where one may bring so much, the other is left the rest.
    assert (russian.mean, russian.high) == (2.0, 2.0)
    assert russian.low == pytest.approx(2 - at_most, abs=0.0001)
