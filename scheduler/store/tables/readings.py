"""What was read back from the platforms or entered by hand, and what it cost."""

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.store.columns import At, BigKey, Code, Identity, Json, MaybeAt, ShortAt, Words
from scheduler.store.tables.declaring import ChannelId, MaybeMemberId, MemberId, OrganisationId, Table


class HarvestRun(Table):
    """One pass over the platforms' counters."""

    __tablename__ = "harvest_run"
    id: Mapped[Identity]
    organisation_id: Mapped[OrganisationId]
    started_at: Mapped[At]
    ended_at: Mapped[MaybeAt]


class ReadingCost(Table):
    """How many billed looks a centre made on a platform on one UTC day, in millionths of its currency."""

    __tablename__ = "reading_cost"
    organisation_id: Mapped[int] = mapped_column(BigKey, ForeignKey("organisation.id"), primary_key=True)
    platform: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    looks: Mapped[int] = mapped_column(default=0)
    micros: Mapped[int] = mapped_column(BigInteger, default=0)


class Reading(Table):
    """A look that happened, at a channel's audience when `publication_id` is empty. Append-only.

    `form_id` is what it has in common with others (scheduler.core.rollups.Form); `moved` are the counters
    that changed (scheduler.core.packing). On PostgreSQL each month has its own part (metrics/months.py). No
    key and no foreign keys: to look those up costs more than the reading, and what it names is never deleted.
    """

    __tablename__ = "reading"
    __table_args__ = (
        Index("ix_reading_channel_id", "channel_id"),
        Index("ix_reading_taken_at", "taken_at", postgresql_using="brin"),
        {"postgresql_partition_by": "RANGE (taken_at)"},
    )
    taken_at: Mapped[ShortAt] = mapped_column()
    channel_id: Mapped[int] = mapped_column(BigKey)
    publication_id: Mapped[int | None] = mapped_column(BigKey)
    run_id: Mapped[int]
    form_id: Mapped[int]
    moved: Mapped[bytes]
    __mapper_args__ = {"primary_key": [taken_at, channel_id, publication_id]}  # noqa: RUF012 - as declared


class ManualReading(Table):
    """A figure that a member entered for whole days. Append-only: the last one of the same days holds."""

    __tablename__ = "manual_reading"
    id: Mapped[Identity]
    channel_id: Mapped[ChannelId]
    metric: Mapped[Code]
    definition: Mapped[Code]
    first_day: Mapped[date]
    last_day: Mapped[date]
    value: Mapped[int] = mapped_column(BigInteger)
    post_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("post.id"), index=True)
    source: Mapped[Words]
    member_id: Mapped[MemberId]
    entered_at: Mapped[At]


class CountrySplit(Table):
    """The followers of a channel by country on a day. Append-only: the last one of the same day holds.

    `amounts` are by country (scheduler.core.countries), counted as `measure` says. `member_id` is empty for
    what a platform gave itself.
    """

    __tablename__ = "country_split"
    __table_args__ = (Index("ix_country_split_channel_id_as_of", "channel_id", "as_of"),)
    id: Mapped[Identity]
    channel_id: Mapped[int] = mapped_column(BigKey, ForeignKey("channel.id"))
    as_of: Mapped[date]
    measure: Mapped[Code]
    amounts: Mapped[Json]
    source: Mapped[Words]
    member_id: Mapped[MaybeMemberId]
    entered_at: Mapped[At]
