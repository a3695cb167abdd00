"""Days of the roll-ups that begin elsewhere now, since a zone changed its rules for the past."""

from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.core.spans import Calendar
from scheduler.core.time import zone
from scheduler.store.metrics.tables import AUDIENCE_DAY, CHANNEL_STANDING, REACH_DAY


def moved_days(session: Session) -> Counter[str]:
    """How many there are in each zone, by the rules that this process reads; a rebuild mends them."""
    calendars: dict[str, Calendar] = {}
    found: Counter[str] = Counter()
    for table in (REACH_DAY, AUDIENCE_DAY):
        stored = select(CHANNEL_STANDING.c.zone, table.c.day_at).distinct()
        query = stored.join(table, table.c.channel_id == CHANNEL_STANDING.c.channel_id)
        for name, at in session.execute(query):
            calendar = calendars.setdefault(name, Calendar(zone(name)))
            found[name] += calendar.spans(at).day.starts_at != at
    return +found
