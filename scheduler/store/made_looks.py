"""When publications were looked at with an answer."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from scheduler.core.rollups import FAILED, GONE
from scheduler.store.forms import forms
from scheduler.store.reach_tables import READING
from scheduler.store.stretch import Stretch
from scheduler.store.tables import Publication


@dataclass(slots=True, kw_only=True)
class Looked:
    """A publication and its looks; `ended_at` is when it was recalled or seen to be gone, None for never."""

    post_id: int
    channel_id: int
    published_at: datetime
    ended_at: datetime | None
    looks: list[datetime] = field(default_factory=list)


def made_looks(session: Session, stretch: Stretch, post_ids: Collection[int]) -> list[Looked]:
    """The publications of these posts that went live in the stretch, and their looks in it."""
    known, found = forms(session), dict[int, Looked]()
    on_it = and_(
        READING.c.publication_id == Publication.id,
        READING.c.channel_id == Publication.channel_id,
        stretch.holds(READING.c.taken_at),
    )
    columns = (Publication.post_id, Publication.channel_id, Publication.published_at, Publication.recalled_at)
    rows = (
        select(Publication.id, *columns, READING.c.taken_at, READING.c.form_id)
        .join(READING, on_it, isouter=True)
        .where(Publication.post_id.in_(post_ids), stretch.holds(Publication.published_at))
    )
    for id_, post, channel, published_at, recalled_at, taken_at, form in session.execute(rows):
        new = Looked(post_id=post, channel_id=channel, published_at=published_at, ended_at=recalled_at)
        looked = found.setdefault(id_, new)
        if taken_at is None or known[form].status == FAILED:
            continue
        looked.looks.append(taken_at)
        if known[form].status == GONE:
            looked.ended_at = min(taken_at, looked.ended_at or taken_at)
    return list(found.values())
