"""Which publications and channels are to be read, when next, and what was read of them lately."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true, tuple_, update
from sqlalchemy.orm import Session

from scheduler.store.locking import lock
from scheduler.store.metrics.tables import CHANNEL_STANDING, STANDING
from scheduler.store.sets import one_of
from scheduler.store.tables import Channel, Publication, Reading
from scheduler.store.vitals import unindexed


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePublication:
    """A publication to read; `published_at` is None when nobody knows when it went live.

    `looked_at`, `shown` and `still` are what the last look left, `harvest_at` when it is due (see
    Publication).
    """

    id: int
    channel_id: int
    platform: str
    remote_id: str
    published_at: datetime | None
    harvest_at: datetime
    looked_at: datetime | None = None
    shown: str = ""
    still: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NextLook:
    """When a publication is read next, None for never, and what the last look left."""

    id: int
    harvest_at: datetime | None
    looked_at: datetime | None
    shown: str
    still: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """A connected channel and when its followers were last looked at, with or without success."""

    channel_id: int
    platform: str
    looked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A platform whose publications are read again as far back as `after`; None without end."""

    platform: str
    after: datetime | None


def publications_to_read(
    session: Session,
    organisation_id: int,
    *,
    due_at: datetime | None,
    after: LivePublication | None,
    limit: int,
) -> list[LivePublication]:
    """The next after that one of those due by `due_at`, the longest due first; or all live ones by id."""
    order = (Publication.harvest_at, Publication.id) if due_at else (Publication.id,)
    place = (after.harvest_at, after.id) if after and due_at else (after.id,) if after else ()
    rows = session.execute(
        select(
            Publication.id,
            Publication.channel_id,
            Channel.platform,
            Publication.remote_id,
            Publication.published_at,
            Publication.harvest_at,
            Publication.looked_at,
            Publication.shown,
            Publication.still,
        )
        .join(Channel, Channel.id == Publication.channel_id)
        .where(_to_read(organisation_id, due_at), tuple_(*order) > place if place else true())
        .order_by(*order)
        .limit(limit)
    )
    return [LivePublication(**row) for row in rows.mappings()]


def count_to_read(session: Session, organisation_id: int, *, due_at: datetime | None) -> int:
    """How many publications `publications_to_read` would give without a limit."""
    counted = select(func.count()).select_from(Publication).where(_to_read(organisation_id, due_at))
    return session.scalar(counted) or 0


def count_due_on(session: Session, organisation_id: int, platform: str, *, now: datetime) -> int:
    """How many publications of a platform are due to be read by `now`."""
    theirs = select(Channel.id).where(Channel.platform == platform)
    counted = select(func.count()).select_from(Publication)
    due = _to_read(organisation_id, now), Publication.channel_id.in_(theirs)
    return session.scalar(counted.where(*due)) or 0


def plan_looks(session: Session, looks: Iterable[NextLook]) -> None:
    """Set when each publication is read next, and what is known of the last look; in the order of ids."""
    rows = [
        {
            "id": one.id,
            "harvest_at": one.harvest_at,
            "looked_at": one.looked_at,
            "shown": one.shown,
            "still": one.still,
        }
        for one in sorted(looks, key=lambda look: look.id)
    ]
    if rows:
        session.execute(update(Publication), rows)


def make_due(
    session: Session,
    organisation_id: int,
    platforms: Iterable[Again],
    *,
    since: datetime | None,
    now: datetime,
) -> int:
    """Let all be read now that went live since then and can be read again; how many they are.

    Not what was recalled, what vanished, or what a platform tells no more of. In the order of ids.
    """
    vanished = exists().where(STANDING.c.publication_id == Publication.id, STANDING.c.gone == 1)
    readable = and_(
        Publication.organisation_id == organisation_id,
        Publication.recalled_at.is_(None),
        Publication.remote_id != "",
        Publication.published_at >= since if since else true(),
        or_(*(_readable(one) for one in platforms)),
        ~vanished,
    )
    ids = lock(session, Publication.id, readable)
    made = update(Publication).where(one_of(Publication.id, ids)).values(harvest_at=now)
    session.execute(made, execution_options={"synchronize_session": False})
    return len(ids)


def follows(session: Session, organisation_id: int) -> list[Follow]:
    """Every connected channel with its last look."""
    rows = session.execute(
        select(Channel.id, Channel.platform, CHANNEL_STANDING.c.looked_at)
        .join(CHANNEL_STANDING, CHANNEL_STANDING.c.channel_id == Channel.id, isouter=True)
        .where(Channel.organisation_id == organisation_id, Channel.connected_at.is_not(None))
        .order_by(Channel.id)
    )
    return [Follow(channel_id=row[0], platform=row[1], looked_at=row[2]) for row in rows]


def looks_since(session: Session, since: datetime) -> Mapping[int, tuple[int, int]]:
    """How many publications and audiences were looked at after `since`, by channel."""
    query = (
        select(Reading.channel_id, func.count(Reading.publication_id), func.count())
        .where(Reading.taken_at > since)
        .group_by(Reading.channel_id)
    )
    return {row[0]: (row[1], row[2] - row[1]) for row in session.execute(query)}


def names_of(session: Session, channel_ids: Collection[int]) -> dict[int, str]:
    """The names of channels by id."""
    named = select(Channel.id, Channel.name).where(Channel.id.in_(channel_ids))
    return dict(session.execute(named).all())


def _readable(one: Again) -> ColumnElement[bool]:
    theirs = Publication.channel_id.in_(select(Channel.id).where(Channel.platform == one.platform))
    return and_(theirs, Publication.published_at > one.after) if one.after else theirs


def _to_read(organisation_id: int, due_at: datetime | None) -> ColumnElement[bool]:
    """Recalled publications and those that vanished are read no more.

    What is due is found by `harvest_at`, everything by id: most rows are of the one centre.
    """
    of_centre = unindexed(Publication.organisation_id) if due_at else Publication.organisation_id
    live = (
        (of_centre == organisation_id)
        & Publication.recalled_at.is_(None)
        & Publication.harvest_at.is_not(None)
    )
    return live & (Publication.harvest_at <= due_at if due_at else true())
