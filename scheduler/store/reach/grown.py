"""What publications had brought at the age of a day, from the readings of their first hours alone."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Interval, Select, and_, cast, func, literal, select
from sqlalchemy.orm import Session

from scheduler.core.grown import AGE, LEEWAY, Glance, Grown, day_old
from scheduler.core.packing import unpack
from scheduler.store.chunks import in_chunks
from scheduler.store.columns import MICROSECOND
from scheduler.store.metrics.forms import forms
from scheduler.store.metrics.tables import READING
from scheduler.store.reach.stretch import Stretch
from scheduler.store.tables import Publication

ROUGHLY = AGE + LEEWAY + timedelta(hours=1)
SECOND = timedelta(seconds=1)


def grown_in(session: Session, stretch: Stretch, metrics: Mapping[int, Collection[str]]) -> list[Grown]:
    """The publications of these channels that went live in the stretch and of which it is known.

    `metrics` names for each channel what is counted. Nothing that was read after the stretch is taken in.
    """
    known = forms(session)
    found = []
    for some in in_chunks(metrics):
        live: dict[int, tuple[int, int, datetime]] = {}
        glances: dict[int, list[Glance]] = defaultdict(list)
        for row in session.execute(_readings(session, stretch, some)):
            id_, post_id, channel_id, published_at, taken_at, form_id, moved = row
            live[id_] = (post_id, channel_id, published_at)
            glances[id_].append(Glance(taken_at, known[form_id], unpack(moved)))
        for id_, (post_id, channel_id, published_at) in sorted(live.items()):
            if known_then := day_old(glances[id_], published_at, metrics[channel_id]):
                found.append(Grown(post_id, channel_id, published_at, *known_then))
    return found


def _readings(session: Session, stretch: Stretch, channel_ids: Collection[int]) -> Select[Any]:
    """The early readings of what went live in the stretch; somewhat more than asked for, never fewer."""
    on_it = and_(READING.c.publication_id == Publication.id, READING.c.channel_id == Publication.channel_id)
    return (
        select(
            Publication.id,
            Publication.post_id,
            Publication.channel_id,
            Publication.published_at,
            READING.c.taken_at,
            READING.c.form_id,
            READING.c.moved,
        )
        .join(READING, on_it)
        .where(
            Publication.organisation_id == stretch.organisation_id,
            stretch.holds(Publication.published_at),
            stretch.holds(READING.c.taken_at),
            READING.c.channel_id.in_(channel_ids),
            READING.c.taken_at <= _early_until(session),
        )
        .order_by(READING.c.taken_at)
    )


def _early_until(session: Session) -> ColumnElement[Any]:
    """A little over the age at which a publication is compared; SQLite has looks in microseconds."""
    if session.get_bind().dialect.name == "sqlite":
        published_s = cast(func.strftime("%s", Publication.published_at), Integer)
        return (published_s + ROUGHLY // SECOND) * (SECOND // MICROSECOND)
    return Publication.published_at + literal(ROUGHLY, Interval)
