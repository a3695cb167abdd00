"""Which publications and channels are to be read, and when next."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, true, update
from sqlalchemy.orm import Session

from scheduler.store.tables import Channel, Publication, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePublication:
    """A publication to read; `published_at` is None when nobody knows when it went live."""

    id: int
    channel_id: int
    platform: str
    remote_id: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """A connected channel and when its followers were last looked at, with or without success."""

    channel_id: int
    platform: str
    looked_at: datetime | None


def publications_to_read(
    session: Session, organisation_id: int, *, due_at: datetime | None, after: int, limit: int
) -> list[LivePublication]:
    """The next publications by id that are live and due by `due_at`, or all live ones when that is None."""
    rows = session.execute(
        select(
            Publication.id,
            Publication.channel_id,
            Channel.platform,
            Publication.remote_id,
            Publication.published_at,
        )
        .join(Channel, Channel.id == Publication.channel_id)
        .where(_to_read(organisation_id, due_at), Publication.id > after)
        .order_by(Publication.id)
        .limit(limit)
    )
    return [LivePublication(**row) for row in rows.mappings()]


def count_to_read(session: Session, organisation_id: int, *, due_at: datetime | None) -> int:
    """How many publications `publications_to_read` would give without a limit."""
    counted = select(func.count()).select_from(Publication).where(_to_read(organisation_id, due_at))
    return session.scalar(counted) or 0


def plan_looks(session: Session, next_looks: Mapping[int, datetime | None]) -> None:
    """Set when each publication is read next; None ends its harvest."""
    rows = [{"id": publication_id, "harvest_at": at} for publication_id, at in next_looks.items()]
    if rows:
        session.execute(update(Publication), rows)


def follows(session: Session, organisation_id: int) -> list[Follow]:
    """Every connected channel with its last look."""
    last_look = (
        select(Reading.taken_at)
        .where(Reading.channel_id == Channel.id, Reading.publication_id.is_(None))
        .order_by(Reading.taken_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Channel.id, Channel.platform, last_look)
        .where(Channel.organisation_id == organisation_id, Channel.connected_at.is_not(None))
        .order_by(Channel.id)
    )
    return [Follow(channel_id=row[0], platform=row[1], looked_at=row[2]) for row in rows]


def names_of(session: Session, channel_ids: Collection[int]) -> dict[int, str]:
    """The names of channels by id."""
    named = select(Channel.id, Channel.name).where(Channel.id.in_(channel_ids))
    return dict(session.execute(named).all())


def _to_read(organisation_id: int, due_at: datetime | None) -> ColumnElement[bool]:
    """Recalled publications and those that vanished are read no more."""
    live = (
        (Publication.organisation_id == organisation_id)
        & Publication.recalled_at.is_(None)
        & Publication.harvest_at.is_not(None)
    )
    return live & (Publication.harvest_at <= due_at if due_at else true())
