"""How publications and audiences stand: read before new looks are taken in, and written afterwards."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scheduler.core.metrics import Mark, Stand
from scheduler.core.rollups import Standing, Subject
from scheduler.core.spans import Calendar
from scheduler.store.bulk import change, replaced, write
from scheduler.store.engine import IN_BINARY
from scheduler.store.metrics.tables import CHANNEL_STANDING, STANDING
from scheduler.store.sets import IDS, among, one_of
from scheduler.store.tables import Post, Publication

PUBLICATION = Publication.metadata.tables[Publication.__tablename__]
POST = Post.metadata.tables[Post.__tablename__]
_WRITER = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))


def subjects_of(
    session: Session, publication_ids: Collection[int], calendars: Mapping[int, Calendar]
) -> dict[int, tuple[Subject, Standing]]:
    """Each publication with how it stands; `calendars` are those of the channels."""
    rows = session.execute(_chosen(), {IDS: publication_ids}, execution_options={IN_BINARY: True}).all()
    stood = standings([row[4:] for row in rows])
    return {
        row[0]: (_subject(row, calendars[row[1]]), standing)
        for row, standing in zip(rows, stood, strict=True)
    }


def publications_of(session: Session, channel_id: int, calendar: Calendar) -> dict[int, Subject]:
    """The publications of a channel."""
    rows = session.execute(_publications().where(PUBLICATION.c.channel_id == channel_id))
    return {row[0]: _subject(row, calendar) for row in rows}


def audiences_of(
    session: Session, channel_ids: Collection[int], calendars: Mapping[int, Calendar]
) -> dict[int, tuple[Subject, Standing]]:
    """The audience of each channel, whose roll-ups are current, with how it stands."""
    table = CHANNEL_STANDING.c
    columns = (table.channel_id, table.read_at, table.seen_at, table.gone, table.marks)
    rows = session.execute(select(*columns).where(one_of(table.channel_id, channel_ids))).all()
    stood = standings([row[1:] for row in rows])
    return {
        row[0]: (audience(row[0], calendars[row[0]]), standing)
        for row, standing in zip(rows, stood, strict=True)
    }


def audience(channel_id: int, calendar: Calendar) -> Subject:
    """A channel's audience as a subject."""
    return Subject(
        channel_id=channel_id, publication_id=None, campaign_id=0, published_at=None, calendar=calendar
    )


def save(session: Session, moved: Iterable[tuple[Subject, Standing]]) -> None:
    """Keep how publications stand; one that was never seen has no row."""
    names = ("publication_id", "channel_id", "seen_at", "read_at", "gone", "marks")
    rows = [
        (subject.publication_id, subject.channel_id, one.seen_at, one.read_at, int(one.gone), marks_text(one))
        for subject, one in moved
        if one.seen_at
    ]
    write(session, STANDING, names, rows, replaced(*names[2:]))


def save_looks(session: Session, unmoved: Iterable[tuple[Subject, Standing]]) -> None:
    """Keep when publications were looked at that stand as they did, which is most of them."""
    rows = [(subject.publication_id, one.seen_at, one.read_at) for subject, one in unmoved]
    change(session, STANDING, ("publication_id", "seen_at", "read_at"), rows)


def standings(rows: Sequence[Sequence[Any]]) -> Iterator[Standing]:
    """How each stands, from (read_at, seen_at, gone, marks), None for what is not known.

    The counters of all are read at once, which takes a third of the time.
    """
    texts = json.loads("[" + ",".join([row[3] or "{}" for row in rows]) + "]")
    for (read_at, seen_at, gone, text), stored in zip(rows, texts, strict=True):
        marks = _whole(stored) if text and "[" in text else stored
        yield Standing(read_at=read_at, seen_at=seen_at, gone=bool(gone), marks=marks)


def marks_text(standing: Standing) -> str:
    """Its counters as they are stored; where all are numbers, in a quarter of the time."""
    marks = standing.marks
    try:
        return _numbered(tuple(marks)) % tuple(marks.values())
    except TypeError:
        return _WRITER.encode(marks)


@lru_cache(maxsize=1_024)
def _numbered(names: tuple[str, ...]) -> str:
    """The text of counters of these names, with a place for each number."""
    return "{" + ",".join(_WRITER.encode(name).replace("%", "%%") + ":%d" for name in names) + "}"


def _whole(stored: dict[str, Any]) -> dict[str, Stand]:
    """With marks for what is stored as a list."""
    for name, stand in stored.items():
        if isinstance(stand, list):
            stored[name] = Mark(*stand)
    return stored


@cache
def _chosen() -> Any:
    return _publications().where(among(PUBLICATION.c.id))


def _publications() -> Any:
    return (
        select(
            PUBLICATION.c.id,
            PUBLICATION.c.channel_id,
            func.coalesce(POST.c.campaign_id, 0),
            PUBLICATION.c.published_at,
            STANDING.c.read_at,
            STANDING.c.seen_at,
            STANDING.c.gone,
            STANDING.c.marks,
        )
        .join(POST, POST.c.id == PUBLICATION.c.post_id)
        .join(STANDING, STANDING.c.publication_id == PUBLICATION.c.id, isouter=True)
    )


def _subject(row: Sequence[Any], calendar: Calendar) -> Subject:
    id_, channel_id, campaign_id, published_at = row[:4]
    return Subject(channel_id, id_, campaign_id, published_at, calendar)
