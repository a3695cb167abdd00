"""How many deliveries one hint to a worker holds."""

from collections.abc import Iterator, Sequence

HINTS_AT_LEAST = 20
LARGEST = 250


def hints(ids: Sequence[int], *, chunk: int) -> Iterator[Sequence[int]]:
    """The ids in their order, `chunk` to a hint.

    Where very many wait a hint holds more of them, up to LARGEST, as deliveries of one hint share statements
    and commits; there are still HINTS_AT_LEAST, so that every worker has some.
    """
    size = max(chunk, min(len(ids) // HINTS_AT_LEAST, LARGEST))
    return (ids[start : start + size] for start in range(0, len(ids), size))
