"""Readings that people entered: each is appended, and the last one of a key holds."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from scheduler.core.manual import METRICS, ManualEntry, ManualReading, ReadingKey, Standing
from scheduler.core.roles import Person
from scheduler.store import tables
from scheduler.store.tables import Campaign, Channel, Member, Post


def histories_of(session: Session, organisation_id: int) -> list[ManualReading]:
    """Every reading ever entered, as it was entered; a later one of the same key corrects the earlier."""
    return _told(session, _query(organisation_id))


def readings_of(
    session: Session,
    organisation_id: int,
    *,
    first_day: date = date.min,
    last_day: date = date.max,
    campaign: str = "",
) -> Standing:
    """What holds, by key: of all times that end within those days, or only of a campaign's posts."""
    row = tables.ManualReading
    query = _query(organisation_id).where(row.last_day >= first_day, row.last_day <= last_day)
    if campaign:
        query = query.where(Campaign.name == campaign)
    return {one.key: one for one in _told(session, query)}


def add_readings(
    session: Session,
    entries: Iterable[ManualEntry],
    *,
    channels: dict[str, int],
    posts: dict[str, int],
    by: Person,
    entered_at: datetime,
) -> None:
    """Append readings; `channels` and `posts` are the ids of the names in their keys."""
    session.add_all(
        tables.ManualReading(
            channel_id=channels[one.key.channel],
            metric=one.key.metric,
            definition=METRICS[one.key.metric].version,
            first_day=one.key.first_day,
            last_day=one.key.last_day,
            value=one.value,
            post_id=posts[one.key.post] if one.key.post else None,
            source=one.source,
            member_id=by.id,
            entered_at=entered_at,
        )
        for one in entries
    )


def _query(organisation_id: int) -> Select[*tuple[Any, ...]]:
    row = tables.ManualReading
    return (
        select(row, Channel, Post.ref, Member.name)
        .join(Channel, Channel.id == row.channel_id)
        .join(Member, Member.id == row.member_id)
        .outerjoin(Post, Post.id == row.post_id)
        .outerjoin(Campaign, Campaign.id == Post.campaign_id)
        .where(Channel.organisation_id == organisation_id)
        .order_by(Channel.name, row.metric, row.first_day, row.last_day, row.id)
    )


def _told(session: Session, query: Select[*tuple[Any, ...]]) -> list[ManualReading]:
    """The rows in the order they were entered within a key, each with the other value it corrects."""
    held: dict[ReadingKey, ManualReading] = {}
    found = []
    for row, channel, ref, by in session.execute(query):
        key = ReadingKey(
            channel=channel.name,
            metric=row.metric,
            post=ref or "",
            first_day=row.first_day,
            last_day=row.last_day,
        )
        last = held.get(key)
        corrects = None if last is None else last.corrects if last.value == row.value else last.value
        held[key] = ManualReading(
            key=key,
            version=row.definition,
            value=row.value,
            source=row.source,
            by=by,
            entered_at=row.entered_at,
            title=channel.title,
            language=channel.language,
            region=channel.region,
            corrects=corrects,
        )
        found.append(held[key])
    return found
