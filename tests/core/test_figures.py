"""Sums over what may be absent."""

from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.figures import Figure, Part, Reason, absent, add_up, difference, exactly, join

values = st.one_of(
    st.tuples(st.integers(-9, 9), st.none(), st.booleans()),
    st.tuples(st.none(), st.sampled_from(Reason), st.booleans()),
)
parts = st.builds(lambda channel, rest: Part(channel, *rest), st.integers(1, 6), values)


def test_nothing_known_is_absent_and_not_zero() -> None:
    figure = add_up([Part(channel=1, value=None, reason=Reason.NOT_READ)])
    assert figure == Figure(value=None, reason=Reason.NOT_READ, known=0, of=1)


def test_a_known_zero_is_a_zero() -> None:
    assert add_up([Part(channel=1, value=0)]) == Figure(value=0, known=1, of=1)


def test_a_sum_says_how_many_channels_it_covers() -> None:
    figure = add_up(
        [
            Part(channel=1, value=5),
            Part(channel=1, value=None, reason=Reason.NOT_READ),
            Part(channel=2, value=7),
            Part(channel=3, value=1, whole=False),
        ]
    )
    assert figure == Figure(value=13, known=1, of=3)
    assert figure.partial


def test_a_platform_without_such_a_figure_is_no_gap_in_the_sum_of_others() -> None:
    figure = add_up(
        [
            Part(channel=1, value=5),
            Part(channel=2, value=None, reason=Reason.NO_DEFINITION),
            Part(channel=3, value=None, reason=Reason.NOTHING_TO_READ),
        ]
    )
    assert figure == Figure(value=5, known=1, of=1)
    assert add_up([Part(channel=2, value=None, reason=Reason.NO_DEFINITION)]) == absent(Reason.NO_DEFINITION)
    assert add_up([]) == absent(Reason.NOTHING_TO_READ)


def test_where_one_channel_has_such_a_figure_and_nothing_to_read_nothing_is_not_reported() -> None:
    # Of followers in a year without a first level: the one on Bluesky did not move yet, a website has none.
    reasons = (Reason.NO_DEFINITION, Reason.NOTHING_TO_READ)
    parts = [Part(channel=channel, value=None, reason=reason) for channel, reason in enumerate(reasons)]
    assert add_up(parts) == absent(Reason.NOTHING_TO_READ)


def test_a_difference_needs_both_sides() -> None:
    assert difference(exactly(3), exactly(5)).value == -2
    assert difference(exactly(3), absent(Reason.NOT_READ)) == absent(Reason.NOT_READ)
    assert difference(absent(Reason.GONE), exactly(3)) == absent(Reason.GONE)


@given(st.lists(parts), st.integers(1, 6))
def test_a_sum_of_sums_is_the_sum_of_all_their_parts(every: list[Part], groups: int) -> None:
    of_group = [[part for part in every if part.channel % groups == group] for group in range(groups)]
    assert join([add_up(some) for some in of_group if some]) == add_up(every)
