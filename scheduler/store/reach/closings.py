"""How publications stood at the end of a stretch in which they went live."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import ColumnElement, Row, Select, null, select
from sqlalchemy import Table as SqlTable
from sqlalchemy.orm import Session

from scheduler.core.packing import unpack
from scheduler.core.rollups import Standing, recount
from scheduler.core.spans import Calendar
from scheduler.store.chunks import in_chunks
from scheduler.store.metrics.forms import forms
from scheduler.store.metrics.nearby import nearby
from scheduler.store.metrics.standings import standings
from scheduler.store.metrics.tables import CLOSING, READING, STANDING
from scheduler.store.reach.stretch import Stretch
from scheduler.store.tables import Publication

Live: TypeAlias = Row[int, int, int, datetime | None]
UNREAD = Standing()


def closings(
    session: Session, stretch: Stretch, calendar: Calendar, *, marked: bool = True
) -> Iterator[tuple[Live, Standing]]:
    """What went live in the stretch, and how it stood when the stretch ended, its counters where `marked`.

    The week, the month and the year in which a publication went live are kept; for any other stretch its
    readings are counted again. `calendar` is that of the centre.
    """
    rows = session.execute(_live(stretch)).all()
    ids, closed = {row.id for row in rows}, CLOSING.c.until_at == stretch.ends_at
    stood = _stood(session, CLOSING, ids, closed, marked=marked)
    stood |= _stood(session, STANDING, ids - stood.keys(), marked=marked)
    later = {id_ for id_, one in stood.items() if one.read_at and one.read_at >= stretch.ends_at}
    unkept = [row for row in rows if row.id in later and not _is_kept(row.published_at, stretch, calendar)]
    stood |= dict.fromkeys(later, UNREAD) | _recounted(session, unkept, stretch)
    return ((row, stood.get(row.id, UNREAD)) for row in rows)


def _stood(
    session: Session, table: SqlTable, ids: Collection[int], *when: ColumnElement[bool], marked: bool
) -> dict[int, Standing]:
    """How publications stand by a table, those of these ids that it has."""
    one = table.c
    found = select(one.publication_id, one.read_at, one.marks if marked else null().label("marks"))
    rows = session.execute(found.where(nearby(session, one.publication_id, ids), *when)) if ids else ()
    known = [row for row in rows if row.publication_id in ids]
    stood = standings([(row.read_at, None, False, row.marks) for row in known])
    return {row.publication_id: standing for row, standing in zip(known, stood, strict=True)}


def _is_kept(published_at: datetime, stretch: Stretch, calendar: Calendar) -> bool:
    """Whether it would have been kept how a publication stood at the end of the stretch."""
    return any(span.ends_at == stretch.ends_at for span in calendar.spans(published_at).around)


def _recounted(session: Session, rows: list[Live], stretch: Stretch) -> dict[int, Standing]:
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


def _live(stretch: Stretch) -> Select[int, int, int, datetime | None]:
    live = select(Publication.id, Publication.channel_id, Publication.post_id, Publication.published_at)
    return live.where(
        Publication.organisation_id == stretch.organisation_id, stretch.holds(Publication.published_at)
    )
