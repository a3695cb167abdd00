"""How publications stood at the end of a stretch in which they went live."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.orm import Session

from scheduler.core.packing import unpack
from scheduler.core.rollups import Standing, recount
from scheduler.core.spans import Calendar
from scheduler.store.chunks import in_chunks
from scheduler.store.forms import forms
from scheduler.store.reach_tables import CLOSING, READING, STANDING
from scheduler.store.standings import marks_of
from scheduler.store.stretch import Stretch, campaign, with_campaign, zone_of
from scheduler.store.tables import Publication


def closings(session: Session, stretch: Stretch) -> Iterator[tuple[Row[Any], Standing]]:
    """What went live in the stretch, and how it stood when the stretch ended.

    The week, the month and the year in which a publication went live are kept; for any other stretch its
    readings are counted again.
    """
    rows = session.execute(_live(stretch)).all()
    calendar = Calendar(zone_of(session, stretch.organisation_id))
    recounted = _recounted(session, [row for row in rows if _is_unknown(row, stretch, calendar)], stretch)
    for row in rows:
        if row.until_at is not None:
            yield row, Standing(read_at=row.closed_read_at, marks=marks_of(row.closed_marks))
        elif row.read_at is not None and row.read_at < stretch.ends_at:
            yield row, Standing(read_at=row.read_at, marks=marks_of(row.marks))
        else:
            yield row, recounted.get(row.id, Standing())


def _is_unknown(row: Row[Any], stretch: Stretch, calendar: Calendar) -> bool:
    """It was read after the stretch, and the stretch is none whose closings are kept."""
    if row.until_at is not None or row.read_at is None or row.read_at < stretch.ends_at:
        return False
    return all(span.ends_at != stretch.ends_at for span in calendar.place(row.published_at).around)


def _recounted(session: Session, rows: list[Row[Any]], stretch: Stretch) -> Mapping[int, Standing]:
    """How publications stood, from their readings until the stretch ended."""
    stood: dict[int, Standing] = {row.id: Standing() for row in rows}
    known = forms(session) if rows else {}
    for some in in_chunks({row.channel_id for row in rows}):
        readings = select(READING).where(
            READING.c.channel_id.in_(some),
            READING.c.taken_at >= stretch.starts_at,
            READING.c.taken_at < stretch.ends_at,
        )
        for look in session.execute(readings.order_by(READING.c.taken_at)):
            if look.publication_id in stood:
                recount(stood[look.publication_id], known[look.form_id], look.taken_at, unpack(look.moved))
    return stood


def _live(stretch: Stretch) -> Select[Any]:
    closed = and_(CLOSING.c.publication_id == Publication.id, CLOSING.c.until_at == stretch.ends_at)
    live = (
        select(
            Publication.id,
            Publication.channel_id,
            Publication.post_id,
            campaign(),
            Publication.published_at,
            STANDING.c.read_at,
            STANDING.c.marks,
            CLOSING.c.until_at,
            CLOSING.c.read_at.label("closed_read_at"),
            CLOSING.c.marks.label("closed_marks"),
        )
        .select_from(Publication)
        .join(STANDING, STANDING.c.publication_id == Publication.id, isouter=True)
        .join(CLOSING, closed, isouter=True)
    )
    return with_campaign(live, Publication.post_id).where(
        Publication.organisation_id == stretch.organisation_id, stretch.holds(Publication.published_at)
    )
