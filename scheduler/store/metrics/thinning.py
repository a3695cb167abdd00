"""Thinning the readings of a channel in place."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from scheduler.core.packing import pack, unpack
from scheduler.core.thinning import Kept, thin
from scheduler.store.bulk import append
from scheduler.store.metrics.forms import forms
from scheduler.store.metrics.rollups import calendars_of
from scheduler.store.metrics.standings import audience, publications_of
from scheduler.store.metrics.tables import READING


def thin_channel(
    session: Session, channel_id: int, *, before: datetime, since: datetime | None = None
) -> int:
    """Thin the readings of a channel that are older than `before`; how many fewer there are.

    With `since` only those from the day of that instant on are looked at.
    """
    [calendar] = calendars_of(session, [channel_id]).values()
    before = calendar.spans(before).day.starts_at
    since = since and calendar.spans(since).day.starts_at
    old = [READING.c.channel_id == channel_id, READING.c.taken_at < before]
    old += [READING.c.taken_at >= since] if since else []
    looks: dict[int | None, list[Kept]] = defaultdict(list)
    for row in session.execute(select(READING).where(*old).order_by(READING.c.taken_at)):
        looks[row.publication_id].append(
            Kept(taken_at=row.taken_at, run_id=row.run_id, form_id=row.form_id, movements=unpack(row.moved))
        )
    subjects, known = publications_of(session, channel_id, calendar), forms(session)
    kept = {
        id_: thin(subjects[id_] if id_ else audience(channel_id, calendar), some, known, since=since)
        for id_, some in looks.items()
    }
    gone = sum(map(len, looks.values())) - sum(map(len, kept.values()))
    if gone:
        session.execute(delete(READING).where(*old))
        rows = [
            (one.taken_at, channel_id, id_, one.run_id, one.form_id, pack(one.movements))
            for id_, some in kept.items()
            for one in some
        ]
        append(session, READING, [column.name for column in READING.c], sorted(rows, key=lambda row: row[0]))
    return gone
