"""Hints are of the size that was asked for, and larger where very many wait."""

import pytest

from scheduler.core.hints import LARGEST, hints


@pytest.mark.parametrize(
    ("waiting", "chunk", "number", "largest"),
    [
        (0, 100, 0, 0),
        (99, 100, 1, 99),
        (101, 100, 2, 100),
        (4_000, 100, 20, 200),
        (100_000, 100, 400, LARGEST),
    ],
)
def test_everything_is_told_once_in_its_order(waiting: int, chunk: int, number: int, largest: int) -> None:
    told = list(hints(range(waiting), chunk=chunk))
    assert [id_ for hint in told for id_ in hint] == list(range(waiting))
    assert (len(told), max(map(len, told), default=0)) == (number, largest)


def test_what_a_person_set_is_never_made_smaller() -> None:
    assert [len(hint) for hint in hints(range(1_000), chunk=400)] == [400, 400, 200]
