"""The roll-ups of readings as plain tables: written in bulk, never as objects; without foreign keys.

`day_at` and `until_at` are instants at which a day begins and a span ends in the
zone of the centre. `marks` is JSON: where each counter stands (scheduler.core.metrics.Mark, or a number; see
scheduler.store.metrics.standings).
"""

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, String
from sqlalchemy import Table as SqlTable

from scheduler.store.columns import BigKey, Instant, PlainText
from scheduler.store.tables import Reading, Table

SLOTS = 16
"""How many counters a look can have; see scheduler.core.rollups.Form."""

# What looks have in common, stored once (scheduler.core.rollups.Form); `metrics` and `missing` are JSON.
READING_FORM = SqlTable(
    "reading_form",
    Table.metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("status", String(64), nullable=False),
    Column("reason", PlainText, nullable=False),
    Column("of_audience", SmallInteger, nullable=False),
    Column("metrics", PlainText, nullable=False),
    Column("missing", PlainText, nullable=False),
)

READING = Table.metadata.tables[Reading.__tablename__]

# Where a publication's counters stand; on PostgreSQL with room on each page to replace them where they are.
STANDING = SqlTable(
    "publication_standing",
    Table.metadata,
    Column("publication_id", BigKey, primary_key=True, autoincrement=False),
    Column("channel_id", BigKey, nullable=False, index=True),
    Column("seen_at", Instant, nullable=False),
    Column("read_at", Instant),
    Column("gone", SmallInteger, nullable=False),
    Column("marks", PlainText, nullable=False),
    postgresql_with={"fillfactor": 60},
)

# Where they stood when the week, month or year ended in which the publication went live; none where it was
# not read before that end, or not again after it.
CLOSING = SqlTable(
    "publication_closing",
    Table.metadata,
    Column("publication_id", BigKey, primary_key=True, autoincrement=False),
    Column("until_at", Instant, primary_key=True),
    Column("read_at", Instant),
    Column("marks", PlainText, nullable=False),
)

# Which zone a channel's roll-ups are of, how its audience stands, and until when its weeks are summed up (see
# scheduler.store.metrics.weeks). No row: they have to be rebuilt.
CHANNEL_STANDING = SqlTable(
    "channel_standing",
    Table.metadata,
    Column("channel_id", BigKey, primary_key=True, autoincrement=False),
    Column("zone", String(64), nullable=False),
    Column("looked_at", Instant),
    Column("seen_at", Instant),
    Column("read_at", Instant),
    Column("gone", SmallInteger, nullable=False),
    Column("marks", PlainText, nullable=False),
    Column("weeks_until", Instant),
)

# How a channel's audience stood at the end of each day on which it was looked at.
AUDIENCE_DAY = SqlTable(
    "audience_day",
    Table.metadata,
    Column("channel_id", BigKey, primary_key=True, autoincrement=False),
    Column("day_at", Instant, primary_key=True),
    Column("read_at", Instant),
    Column("gone", SmallInteger, nullable=False),
    Column("marks", PlainText, nullable=False),
)


def _sums(name: str, at: str) -> SqlTable:
    """Looks and increments of a stretch that begins `at`, by channel, campaign (0 for none) and form."""
    return SqlTable(
        name,
        Table.metadata,
        Column(at, Instant, primary_key=True),
        Column("channel_id", BigKey, primary_key=True, autoincrement=False),
        Column("campaign_id", BigKey, primary_key=True, autoincrement=False),
        Column("form_id", Integer, primary_key=True, autoincrement=False),
        Column("carried", SmallInteger, primary_key=True, autoincrement=False),
        Column("looks", Integer, nullable=False),
        *(Column(f"n{slot}", BigInteger) for slot in range(SLOTS)),
    )


# By day (see scheduler.core.rollups.DayKey), and by whole week that is over (weeks.py).
REACH_DAY = _sums("reach_day", "day_at")
REACH_WEEK = _sums("reach_week", "week_at")

# Falls, what was won back of them, and baselines: rare, so apart from the days.
REACH_CORRECTION = SqlTable(
    "reach_correction",
    Table.metadata,
    Column("day_at", Instant, primary_key=True),
    Column("channel_id", BigKey, primary_key=True, autoincrement=False),
    Column("campaign_id", BigKey, primary_key=True, autoincrement=False),
    Column("metric", String(64), primary_key=True),
    Column("definition", String(64), primary_key=True),
    Column("correction", BigInteger, nullable=False),
    Column("baselines", Integer, nullable=False),
    Index("ix_reach_correction_channel_id", "channel_id"),
)

ROLLUPS = (REACH_DAY, REACH_WEEK, REACH_CORRECTION, STANDING, CLOSING, CHANNEL_STANDING, AUDIENCE_DAY)
