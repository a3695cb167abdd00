"""The movements of one look in a few bytes: which counters moved, and for each its value and how it moved.

A mask says which slots moved. Each of them is a number whose lowest two bits say what follows: nothing
(FIRST, the value is the increment; BASELINE, there is none), an increment (ROSE), or increment and
correction (CORRECTED). Numbers are written as unsigned LEB128 with the sign in the lowest bit, so small ones
take a byte.
"""

from collections.abc import Iterable, Iterator, Mapping

from scheduler.core.metrics import Movement

FIRST, BASELINE, ROSE, CORRECTED = range(4)
NOTHING = b"\0"


def pack(movements: Mapping[int, Movement]) -> bytes:
    """The movements of the slots that moved."""
    if not movements:
        return NOTHING
    mask, numbers = 0, [0]
    for slot in sorted(movements):
        mask |= 1 << slot
        numbers += _numbers(movements[slot])
    numbers[0] = mask
    return _written(numbers)


def unpack(packed: bytes) -> dict[int, Movement]:
    """The movements that were packed, in the order of their slots."""
    numbers = _read(packed)
    mask = next(numbers)
    return {slot: _movement(numbers) for slot in range(mask.bit_length()) if mask >> slot & 1}


def _numbers(movement: Movement) -> tuple[int, ...]:
    value, increment, correction, baseline = movement
    if 0 < increment < value and not correction:
        return value << 3 | ROSE, increment << 1
    head = _unsigned(value) << 2
    if baseline:
        return (head | BASELINE,)
    if correction:
        return head | CORRECTED, _unsigned(increment), _unsigned(correction)
    if increment == value:
        return (head | FIRST,)
    return head | ROSE, _unsigned(increment)


def _movement(numbers: Iterator[int]) -> Movement:
    head = next(numbers)
    kind, value = head & 3, _signed(head >> 2)
    if kind == FIRST:
        return Movement(value=value, increment=value)
    if kind == BASELINE:
        return Movement(value=value, increment=0, baseline=True)
    increment = _signed(next(numbers))
    correction = _signed(next(numbers)) if kind == CORRECTED else 0
    return Movement(value=value, increment=increment, correction=correction)


def _unsigned(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1


def _signed(number: int) -> int:
    return -(number + 1 >> 1) if number & 1 else number >> 1


def _written(numbers: Iterable[int]) -> bytes:
    packed = bytearray()
    for number in numbers:
        left = number
        while left > 127:
            packed.append(left & 127 | 128)
            left >>= 7
        packed.append(left)
    return bytes(packed)


def _read(packed: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in packed:
        number |= (byte & 127) << shift
        if byte > 127:
            shift += 7
        else:
            yield number
            number = shift = 0
