"""Python's search for dead cycles, left out where nearly all that is made lives to the end of the work."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collecting_nothing() -> Iterator[None]:
    """Reading and rendering a report of 2,000 channels takes a third less time so.

    Of the whole process, since nothing finer exists: its other threads go uncollected for these seconds.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
