"""The roll-ups of readings: added to in the transaction of the readings, and rebuilt from them at will.

Whoever writes readings or roll-ups of a channel holds a lock on its row.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Select,
    cast,
    delete,
    exists,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Session

from scheduler.core.packing import unpack
from scheduler.core.rollups import Form, Rollup, Standing, Subject
from scheduler.core.spans import Calendar
from scheduler.core.time import zone
from scheduler.store.bulk import Insert, Updates, replaced, write
from scheduler.store.metrics.forms import forms
from scheduler.store.metrics.standings import audience, marks_text, publications_of, save
from scheduler.store.metrics.tables import (
    AUDIENCE_DAY,
    CHANNEL_STANDING,
    CLOSING,
    REACH_CORRECTION,
    REACH_DAY,
    REACH_WEEK,
    READING,
    STANDING,
)
from scheduler.store.sets import Numbers, one_of
from scheduler.store.tables import Channel, Organisation, Publication

MANY = 100
"""From so many numbers on it is quicker to hash them than to compare each."""
_DAY = ("day_at", "channel_id", "campaign_id", "form_id", "carried", "looks")
_CORRECTION = ("day_at", "channel_id", "campaign_id", "metric", "definition", "correction", "baselines")
_CLOSING = ("publication_id", "until_at", "read_at", "marks")
_AUDIENCE = ("channel_id", "day_at", "read_at", "gone", "marks")


def calendars_of(session: Session, channel_ids: Collection[int]) -> dict[int, Calendar]:
    """Lock the channels and give each its calendar; what has no roll-ups of its centre's zone gets them."""
    calendars: dict[str, Calendar] = {}
    found, outdated = {}, []
    locked = select(Channel.id, Organisation.time_zone, CHANNEL_STANDING.c.zone)
    for id_, name, built in session.execute(
        locked.join(Organisation, Organisation.id == Channel.organisation_id)
        .join(CHANNEL_STANDING, CHANNEL_STANDING.c.channel_id == Channel.id, isouter=True)
        .where(of_many(session, Channel.id, channel_ids))
        .order_by(Channel.id)
        .with_for_update(key_share=True, of=Channel)
    ).all():
        found[id_] = calendars.setdefault(name, Calendar(zone(name)))
        if built != name:
            outdated.append(id_)
    if outdated:
        _build(session, {id_: found[id_] for id_ in outdated})
    return found


def make_current(session: Session, organisation_id: int) -> None:
    """Rebuild what has no roll-ups, or those of another zone than the centre's is now."""
    if outdated := session.scalars(_outdated(organisation_id)).all():
        calendars_of(session, outdated)


def is_current(session: Session, organisation_id: int) -> bool:
    """True when `make_current` has nothing to do."""
    return session.scalar(_outdated(organisation_id).limit(1)) is None


def forget(session: Session, channels: ColumnElement[bool]) -> None:
    """Have the roll-ups of these channels rebuilt before they are used again."""
    some = select(Channel.id).where(channels)
    session.execute(delete(CHANNEL_STANDING).where(CHANNEL_STANDING.c.channel_id.in_(some)))


def add(session: Session, rollup: Rollup, form_ids: Mapping[int, int]) -> None:
    """Add to the books what looks came to; `form_ids` gives the stored id of each form in the keys."""
    _add_days(session, rollup, form_ids)
    _reopen_weeks(session, rollup)
    sums = [(*key, *both) for key, both in sorted(rollup.corrections.items())]
    write(session, REACH_CORRECTION, _CORRECTION, sums, _added(REACH_CORRECTION, _CORRECTION[5:]))
    closed = [(*key, one.read_at, marks_text(one)) for key, one in sorted(rollup.closings.items())]
    write(session, CLOSING, _CLOSING, closed, replaced(*_CLOSING[2:]))
    days = [
        (*key, one.read_at, int(one.gone), marks_text(one)) for key, one in sorted(rollup.audiences.items())
    ]
    write(session, AUDIENCE_DAY, _AUDIENCE, days, replaced(*_AUDIENCE[2:]))


def stand(session: Session, audiences: Iterable[tuple[Subject, Standing, datetime | None]]) -> None:
    """Keep how channels' audiences stand and when they were last looked at.

    The roll-ups of these channels count as up to date from now on.
    """
    names = ("channel_id", "zone", "looked_at", "seen_at", "read_at", "gone", "marks")
    rows = [
        (
            subject.channel_id,
            subject.calendar.zone.key,
            looked_at,
            standing.seen_at,
            standing.read_at,
            int(standing.gone),
            marks_text(standing),
        )
        for subject, standing, looked_at in audiences
    ]
    write(session, CHANNEL_STANDING, names, rows, replaced(*names[1:]))


def of_many(session: Session, number: Any, numbers: Collection[int]) -> ColumnElement[bool]:
    """As `one_of`, where rows are hardly found by this number.

    As a sum it is found by no index, of which each number would read all there is of it. PostgreSQL compares
    it with one number after the other, so with many of them it is looked up in a hash table.
    """
    if len(numbers) < MANY:
        return one_of(number, numbers)
    if session.get_bind().dialect.name != "postgresql":
        return one_of(number + 0, numbers)
    each = func.unnest(cast(literal(numbers, Numbers()), ARRAY(BigInteger)))
    found: ColumnElement[bool] = (number + 0).in_(select(each))
    return found


def _outdated(organisation_id: int) -> Select[int]:
    return (
        select(Channel.id)
        .join(Organisation, Organisation.id == Channel.organisation_id)
        .join(CHANNEL_STANDING, CHANNEL_STANDING.c.channel_id == Channel.id, isouter=True)
        .where(Channel.organisation_id == organisation_id)
        .where(func.coalesce(CHANNEL_STANDING.c.zone, "") != Organisation.time_zone)
    )


def _build(session: Session, calendars: Mapping[int, Calendar]) -> None:
    """Make the roll-ups of channels, which are locked, from their readings."""
    _drop(session, calendars)
    seen = exists().where(READING.c.channel_id == Channel.id)
    read = set(session.scalars(select(Channel.id).where(one_of(Channel.id, calendars), seen)))
    known = forms(session)
    built = (_fold(session, id_, calendars[id_], known) for id_ in sorted(read))
    unread = ((audience(id_, calendars[id_]), Standing(), None) for id_ in sorted(calendars.keys() - read))
    stand(session, [*built, *unread])


def _fold(
    session: Session, channel_id: int, calendar: Calendar, known: Mapping[int, Form]
) -> tuple[Subject, Standing, datetime | None]:
    """Roll up all readings of a channel; how its audience stands, and when it was last looked at."""
    rollup, own = Rollup(), audience(channel_id, calendar)
    followed, looked_at = Standing(), None
    subjects = {
        id_: (subject, Standing()) for id_, subject in publications_of(session, channel_id, calendar).items()
    }
    readings = select(READING).where(READING.c.channel_id == channel_id).order_by(READING.c.taken_at)
    for row in session.execute(readings.execution_options(yield_per=5_000)):
        if row.publication_id is None:
            subject, standing, looked_at = own, followed, row.taken_at
        else:
            subject, standing = subjects[row.publication_id]
        rollup.take_in(
            subject,
            standing,
            known[row.form_id],
            form_id=row.form_id,
            taken_at=row.taken_at,
            movements=unpack(row.moved),
        )
    add(session, rollup, {id_: id_ for id_ in known})
    save(session, subjects.values())
    return own, followed, looked_at


def _drop(session: Session, channel_ids: Collection[int]) -> None:
    own = select(Publication.id).where(one_of(Publication.channel_id, channel_ids))
    session.execute(delete(CLOSING).where(CLOSING.c.publication_id.in_(own)))
    for table in (STANDING, CHANNEL_STANDING, AUDIENCE_DAY, REACH_CORRECTION):
        session.execute(delete(table).where(one_of(table.c.channel_id, channel_ids)))
    for at in (REACH_DAY.c.day_at, REACH_WEEK.c.week_at):
        theirs = one_of(at.table.c.channel_id, channel_ids)
        session.execute(delete(at.table).where(at.in_(session.scalars(_each(at)).all()), theirs))


def _each(at: Column[datetime]) -> Select[datetime]:
    """The instants of a column, of which there are few: each is found by index from the one before."""
    found = select(func.min(at).label("at")).cte(recursive=True)
    after = select(func.min(at)).where(at > found.c.at).scalar_subquery()
    found = found.union_all(select(after).where(found.c.at.is_not(None)))
    return select(found.c.at).where(found.c.at.is_not(None))


def _add_days(session: Session, rollup: Rollup, form_ids: Mapping[int, int]) -> None:
    slots = 1 + max((slot for sums in rollup.days.values() for slot in sums.increments), default=-1)
    counters = tuple(f"n{slot}" for slot in range(slots))
    names = (*_DAY, *counters)
    rows = sorted(
        (
            day_at,
            channel_id,
            campaign_id,
            form_ids[form_id],
            carried,
            sums.looks,
            *map(sums.increments.get, range(slots)),
        )
        for (day_at, channel_id, campaign_id, form_id, carried), sums in rollup.days.items()
    )
    write(session, REACH_DAY, names, rows, _added(REACH_DAY, names[5:]))


def _reopen_weeks(session: Session, rollup: Rollup) -> None:
    """Let the sums of weeks with a day of these count no more; see scheduler.store.metrics.weeks."""
    if rollup.days:
        days, channels, *_ = map(set, zip(*rollup.days, strict=True))
        since, until = min(days), CHANNEL_STANDING.c.weeks_until
        whose = of_many(session, CHANNEL_STANDING.c.channel_id, channels)
        session.execute(update(CHANNEL_STANDING).where(whose, until > since).values(weeks_until=since))


@cache
def _added(table: Any, names: tuple[str, ...]) -> Updates:
    """Updates that add to each column; nothing is added to nothing."""

    def updates(insert: Insert) -> dict[str, ColumnElement[Any]]:
        old, new = table.c, insert.excluded
        return {name: func.coalesce(old[name] + new[name], old[name], new[name]) for name in names}

    return updates
