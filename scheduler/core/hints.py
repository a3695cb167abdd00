"""How many deliveries one hint to a worker holds, and of how many it has the images in hand."""

from collections.abc import Iterator, Mapping, Sequence

HINTS_AT_LEAST = 20
LARGEST = 250
IN_HAND = 64_000_000


def hints(ids: Sequence[int], *, chunk: int) -> Iterator[Sequence[int]]:
    """The ids in their order, `chunk` to a hint.

    Where very many wait a hint holds more of them, up to LARGEST, as deliveries of one hint share statements
    and commits; there are still HINTS_AT_LEAST, so that every worker has some.
    """
    size = max(chunk, min(len(ids) // HINTS_AT_LEAST, LARGEST))
    return (ids[start : start + size] for start in range(0, len(ids), size))


def parts(ids: Sequence[int], images: Mapping[int, dict[int, int]]) -> Iterator[list[int]]:
    """The ids in parts whose images have IN_HAND bytes at most, or one id; those without images come first.

    `images` holds the bytes of each image that an id needs; one that several of a part need counts once.
    """
    part: list[int] = []
    held: dict[int, int] = {}
    for id_ in sorted(ids, key=images.__contains__):
        own = images.get(id_, {})
        if part and sum((held | own).values()) > IN_HAND:
            yield part
            part, held = [], {}
        part.append(id_)
        held |= own
    if part:
        yield part
