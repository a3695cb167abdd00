"""Many values for one column, a statement's worth at a time."""

from collections.abc import Collection, Iterator
from typing import TypeVar

AT_ONCE = 500

T = TypeVar("T")


def in_chunks(values: Collection[T], at_once: int = AT_ONCE) -> Iterator[list[T]]:
    """The values in lists of so many; by default short enough for one statement."""
    ordered = list(values)
    for start in range(0, len(ordered), at_once):
        yield ordered[start : start + at_once]
