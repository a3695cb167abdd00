"""Rows by numbers that mostly follow upon each other, as those of a week or of a centre do."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, false
from sqlalchemy.orm import Session

from scheduler.store.metrics.rollups import of_many

ROOM = 4
"""Reading this many rows on end costs less than looking up one."""


def nearby(session: Session, number: Any, numbers: Collection[int]) -> ColumnElement[bool]:
    """The condition that a number is one of these, or may be one between them: whoever asks drops others."""
    if not numbers:
        return false()
    first, last = min(numbers), max(numbers)
    if last - first < ROOM * len(numbers):
        between: ColumnElement[bool] = number.between(first, last)
        return between
    return of_many(session, number, numbers)
