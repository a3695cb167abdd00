"""Hints are of the size that was asked for, and larger where very many wait."""

import pytest

from scheduler.core.hints import IN_HAND, LARGEST, hints, parts


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


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        ({}, [[1, 2, 3, 4]]),
        ({1: {7: IN_HAND}, 2: {8: 1}}, [[3, 4, 1], [2]]),
        ({1: {7: IN_HAND}, 2: {7: IN_HAND}, 4: {7: IN_HAND}}, [[3, 1, 2, 4]]),
        ({2: {7: 2 * IN_HAND}, 3: {8: IN_HAND // 2}, 4: {9: IN_HAND // 2}}, [[1], [2], [3, 4]]),
    ],
    ids=["none", "too many", "shared", "one too large"],
)
def test_a_part_has_no_more_images_in_hand_than_fit(
    images: dict[int, dict[int, int]], expected: list[list[int]]
) -> None:
    assert list(parts([1, 2, 3, 4], images)) == expected


def test_nothing_has_no_parts() -> None:
    assert list(parts([], {})) == []
