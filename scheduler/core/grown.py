"""What a publication had brought when it was a day old: the one age at which publications are compared.

Ages are never mixed: one that was not looked at when it was 22 to 26 hours old has no such figure.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from scheduler.core.metrics import Movement
from scheduler.core.rollups import READ, Form

AGE = timedelta(hours=24)
LEEWAY = timedelta(hours=2)

Definitions = tuple[tuple[str, str], ...]


class Glance(NamedTuple):
    """A look at a publication; `moved` by slot of its form."""

    taken_at: datetime
    form: Form
    moved: Mapping[int, Movement]


class Grown(NamedTuple):
    """A publication and what it had brought at the age of a day, under these (metric, version)."""

    post_id: int
    channel_id: int
    published_at: datetime
    responses: int
    definitions: Definitions


def day_old(
    glances: Iterable[Glance], published_at: datetime, metrics: Collection[str]
) -> tuple[int, Definitions] | None:
    """What these metrics had brought at the look nearest 24 h, and their definitions; None where unknown.

    Unknown is what was not looked at then, a look that gave not every metric, and what had no known start.
    """
    aged_at = published_at + AGE
    first_at, last_at = aged_at - LEEWAY, aged_at + LEEWAY
    early = sorted([one for one in glances if one.taken_at <= last_at], key=attrgetter("taken_at"))
    ripe = [one for one in early if one.taken_at >= first_at and one.form.status == READ]
    if not ripe:
        return None
    chosen = min(ripe, key=lambda one: abs(one.taken_at - aged_at))
    definitions = tuple(metric for metric in chosen.form.metrics if metric[0] in metrics)
    if not definitions or any(name in metrics for name, _ in chosen.form.missing):
        return None
    moves = [
        movement
        for one in early[: early.index(chosen) + 1]
        for slot, movement in one.moved.items()
        if one.form.metrics[slot][0] in metrics
    ]
    if any(movement.baseline for movement in moves):
        return None
    return sum(movement.increment for movement in moves), definitions


def of_one_definition(found: Sequence[Grown]) -> list[Grown]:
    """Those of each channel that were counted as its latest one was: a break is not compared across."""
    latest: dict[int, Definitions] = {}
    for one in sorted(found, key=lambda one: one.published_at):
        latest[one.channel_id] = one.definitions
    return [one for one in found if one.definitions == latest[one.channel_id]]
