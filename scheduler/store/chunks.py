"""Many values for one column, a statement's worth at a time."""

from collections.abc import Collection, Iterator
from typing import TypeVar

AT_ONCE = 500

T = TypeVar("T")


def in_chunks(values: Collection[T]) -> Iterator[list[T]]:
    """The values in lists short enough for one statement."""
    ordered = list(values)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]
