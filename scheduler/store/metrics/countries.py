"""Followers by country: each split is appended, and the last one of a channel and day holds."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from scheduler.core.countries import CountrySplit, EnteredSplit, SplitKey, SplitMeasure, largest_first
from scheduler.core.roles import Person
from scheduler.store import tables
from scheduler.store.chunks import in_chunks
from scheduler.store.tables import Channel, Member


def split_histories(session: Session, organisation_id: int) -> list[CountrySplit]:
    """Every split ever entered, by channel and day; a later one of the same key corrects the earlier."""
    return _told(session.execute(_query(organisation_id)))


def splits_on(
    session: Session, organisation_id: int, days: Iterable[date]
) -> Mapping[SplitKey, CountrySplit]:
    """What holds for these days."""
    query, day = _query(organisation_id), tables.CountrySplit.as_of
    return {
        one.key: one
        for some in in_chunks(sorted(set(days)))
        for one in _told(session.execute(query.where(day.in_(some))))
    }


def latest_splits(session: Session, organisation_id: int, *, until: date) -> list[CountrySplit]:
    """Of each channel what holds for its last day with a split, `until` or before."""
    row = tables.CountrySplit
    backwards = func.rank().over(partition_by=row.channel_id, order_by=row.as_of.desc())
    places = select(row.id, backwards.label("place")).where(row.as_of <= until).subquery()
    last = _query(organisation_id).join(places, places.c.id == row.id).where(places.c.place == 1)
    return list({one.key: one for one in _told(session.execute(last))}.values())


def add_splits(
    session: Session,
    splits: Collection[EnteredSplit],
    *,
    channels: Mapping[str, int],
    by: Person,
    entered_at: datetime,
) -> None:
    """Append splits; `channels` are the ids of the names in their keys."""
    session.add_all(
        tables.CountrySplit(
            channel_id=channels[one.key.channel],
            as_of=one.key.as_of,
            measure=one.measure,
            amounts=dict(one.amounts),
            source=one.source,
            member_id=by.id,
            entered_at=entered_at,
        )
        for one in splits
    )


def _query(organisation_id: int) -> Select[*tuple[Any, ...]]:
    row = tables.CountrySplit
    return (
        select(
            row.id,
            row.channel_id,
            row.as_of,
            row.measure,
            row.amounts,
            row.source,
            row.entered_at,
            Channel.name,
            Channel.platform,
            Channel.title,
            Member.name.label("by"),
        )
        .join(Channel, Channel.id == row.channel_id)
        .outerjoin(Member, Member.id == row.member_id)
        .where(Channel.organisation_id == organisation_id)
    )


def _told(rows: Iterable[Any]) -> list[CountrySplit]:
    """By channel and day as they were entered, each with whether another stood there before."""
    found: list[CountrySplit] = []
    for row in sorted(rows, key=lambda row: (row.name, row.as_of, row.id)):
        key = SplitKey(channel=row.name, as_of=row.as_of)
        one = CountrySplit(
            key=key,
            channel_id=row.channel_id,
            platform=row.platform,
            title=row.title,
            measure=SplitMeasure(row.measure),
            amounts=largest_first(row.amounts),
            source=row.source,
            by=row.by or "",
            entered_at=row.entered_at,
            corrected=bool(found) and found[-1].key == key,
        )
        found.append(one)
    return found
