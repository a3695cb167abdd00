"""How publications and audiences stand: read before new looks are taken in, and written afterwards."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from scheduler.core.metrics import Mark
from scheduler.core.rollups import Standing, Subject
from scheduler.core.spans import Calendar
from scheduler.store.bulk import replaced, write
from scheduler.store.reach_tables import CHANNEL_STANDING, STANDING
from scheduler.store.sets import one_of
from scheduler.store.tables import Post, Publication

PLAIN = "1"
"""The definition version of a counter that is stored as a number."""


def subjects_of(
    session: Session, publication_ids: Collection[int], calendars: Mapping[int, Calendar]
) -> dict[int, tuple[Subject, Standing]]:
    """Each publication with how it stands; `calendars` are those of the channels."""
    rows = session.execute(_publications().where(one_of(Publication.id, publication_ids)))
    return {row.id: (subject_of(row, calendars[row.channel_id]), _standing(row)) for row in rows}


def publications_of(session: Session, channel_id: int, calendar: Calendar) -> dict[int, Subject]:
    """The publications of a channel."""
    rows = session.execute(_publications().where(Publication.channel_id == channel_id))
    return {row.id: subject_of(row, calendar) for row in rows}


def audiences_of(session: Session, calendars: Mapping[int, Calendar]) -> dict[int, tuple[Subject, Standing]]:
    """The audience of each channel with how it stands."""
    rows = session.execute(select(CHANNEL_STANDING).where(one_of(CHANNEL_STANDING.c.channel_id, calendars)))
    return {
        row.channel_id: (audience(row.channel_id, calendars[row.channel_id]), _standing(row)) for row in rows
    }


def audience(channel_id: int, calendar: Calendar) -> Subject:
    """A channel's audience as a subject."""
    return Subject(
        channel_id=channel_id, publication_id=None, campaign_id=0, published_at=None, calendar=calendar
    )


def subject_of(row: Row[Any], calendar: Calendar) -> Subject:
    """A publication as a subject."""
    return Subject(
        channel_id=row.channel_id,
        publication_id=row.id,
        campaign_id=row.campaign_id,
        published_at=row.published_at,
        calendar=calendar,
    )


def save(session: Session, moved: Iterable[tuple[Subject, Standing]]) -> None:
    """Keep how publications stand; one that was never seen has no row."""
    names = ("publication_id", "channel_id", "seen_at", "read_at", "gone", "marks")
    rows = [
        (subject.publication_id, subject.channel_id, one.seen_at, one.read_at, int(one.gone), marks_text(one))
        for subject, one in moved
        if one.seen_at
    ]
    write(session, STANDING, names, rows, replaced(*names[2:]))


def marks_text(standing: Standing) -> str:
    """Its counters as they are stored: one that has only risen since it was 0 is a number."""
    plain = {
        name: mark.value if mark.value == mark.high == mark.gained and mark.definition == PLAIN else mark
        for name, mark in standing.marks.items()
    }
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def marks_of(text: str | None) -> dict[str, Mark]:
    """The counters that were stored, none for None."""
    return {
        name: Mark(mark, mark, mark, PLAIN) if isinstance(mark, int) else Mark(*mark)
        for name, mark in json.loads(text or "{}").items()
    }


def _publications() -> Any:
    return (
        select(
            Publication.id,
            Publication.channel_id,
            Publication.published_at,
            func.coalesce(Post.campaign_id, 0).label("campaign_id"),
            STANDING.c.seen_at,
            STANDING.c.read_at,
            STANDING.c.gone,
            STANDING.c.marks,
        )
        .join(Post, Post.id == Publication.post_id)
        .join(STANDING, STANDING.c.publication_id == Publication.id, isouter=True)
    )


def _standing(row: Row[Any]) -> Standing:
    return Standing(read_at=row.read_at, seen_at=row.seen_at, gone=bool(row.gone), marks=marks_of(row.marks))
