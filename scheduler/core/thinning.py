"""Fewer readings that say the same: of several looks at one thing on one day only the last is kept.

What moved in the others is added to it, so that the roll-ups, and a rebuild of them, stay what they are.
Looks by which publications are compared at the age of a day stay, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.core.grown import AGE, LEEWAY
from scheduler.core.metrics import Movement
from scheduler.core.rollups import GONE, READ, Form, Subject, carried_into

KEPT_FOR_REPORTS = timedelta(days=400)
"""A year's report, the slowest, counts the missing looks of its posts three days after the year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A reading in the books; `movements` by slot."""

    taken_at: datetime
    run_id: int
    form_id: int
    movements: Mapping[int, Movement]


def thin(
    subject: Subject, looks: Sequence[Kept], forms: Mapping[int, Form], *, since: datetime | None = None
) -> list[Kept]:
    """The looks at one subject, in the order of time, without those that a later one of the day stands for.

    Falls, baselines, failures and looks that carry something into a week, month or year stay as they are.
    With `since`, the start of a day, the looks are those from then on, and the first one stays where one
    before it would have to be known.
    """
    begun = since is None or subject.published_at is None or subject.published_at >= since
    kept: list[Kept] = []
    last: int | None = None
    read_at: datetime | None = None
    for look in looks:
        status = forms[look.form_id].status
        if status not in {READ, GONE}:
            kept.append(look)
            continue
        spans = subject.calendar.spans(look.taken_at)
        plain = status == READ and _is_plain(look)
        carried = subject.publication_id and carried_into(subject.published_at, read_at, spans.around)
        stays = carried or _is_day_old(subject, look) or not (begun or read_at)
        grown = look
        if plain and last is not None and _stands_for(look, kept[last], spans.day.starts_at):
            grown = replace(look, movements=_together(kept.pop(last).movements, look.movements))
        last = len(kept) if plain and not stays else None
        kept.append(grown)
        read_at = look.taken_at if status == READ else read_at
    return kept


def _stands_for(look: Kept, before: Kept, since: datetime) -> bool:
    return look.form_id == before.form_id and before.taken_at >= since


def _is_day_old(subject: Subject, look: Kept) -> bool:
    at = subject.published_at
    return at is not None and abs(look.taken_at - at - AGE) <= LEEWAY


def _is_plain(look: Kept) -> bool:
    return not any(movement.correction or movement.baseline for movement in look.movements.values())


def _together(first: Mapping[int, Movement], second: Mapping[int, Movement]) -> dict[int, Movement]:
    """Two rises in one."""
    both = dict(first)
    for slot, movement in second.items():
        rise = movement.increment + (both[slot].increment if slot in both else 0)
        both[slot] = Movement(value=movement.value, increment=rise)
    return both
