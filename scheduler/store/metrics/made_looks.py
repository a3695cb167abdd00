"""When publications were looked at with an answer."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from scheduler.core.rollups import FAILED, GONE
from scheduler.store.metrics.forms import forms
from scheduler.store.metrics.tables import READING
from scheduler.store.reach.stretch import Stretch
from scheduler.store.sets import one_of
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
    known, found = forms(session), _live(session, stretch, post_ids)
    for id_, taken_at, form in session.execute(_looks(stretch, found)):
        if known[form].status == FAILED:
            continue
        looked = found[id_]
        looked.looks.append(taken_at)
        if known[form].status == GONE:
            looked.ended_at = min(taken_at, looked.ended_at or taken_at)
    return list(found.values())


def _live(session: Session, stretch: Stretch, post_ids: Collection[int]) -> dict[int, Looked]:
    columns = (Publication.post_id, Publication.channel_id, Publication.published_at, Publication.recalled_at)
    rows = session.execute(
        select(Publication.id, *columns).where(
            one_of(Publication.post_id, post_ids), stretch.holds(Publication.published_at)
        )
    )
    return {
        id_: Looked(post_id=post, channel_id=channel, published_at=published_at, ended_at=recalled_at)
        for id_, post, channel, published_at, recalled_at in rows
        if published_at
    }


def _looks(stretch: Stretch, found: Mapping[int, Looked]) -> Select[int, datetime, int]:
    """Without a join: SQLite would look through all readings of a channel for each publication."""
    return select(READING.c.publication_id, READING.c.taken_at, READING.c.form_id).where(
        one_of(READING.c.channel_id, {one.channel_id for one in found.values()}),
        one_of(READING.c.publication_id, found),
        stretch.holds(READING.c.taken_at),
    )
