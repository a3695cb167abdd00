"""Due deliveries that must wait for their turn: counted, lined up, put off, or held when that is too late."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from scheduler.core.lateness import Lateness, latest
from scheduler.core.quotas import Spent
from scheduler.core.states import State, require_edge
from scheduler.core.stopping import CATCH_UP_GAP, spaced
from scheduler.core.wording import N_
from scheduler.store.columns import Instant
from scheduler.store.deliveries.moving import PLANNED, WAITING, in_states, instant, moved_ids, still
from scheduler.store.deliveries.sweeping import TOO_LATE
from scheduler.store.holding.pauses import paused
from scheduler.store.locking import lock_free
from scheduler.store.sets import one_of
from scheduler.store.tables import Delivery, VariantMedia

FULL = N_("waits for its turn: the channel's window is full")
TOO_FULL = N_("its turn would come too late, for the channel's window is full: a person must decide")
CATCHING_UP = N_("waits for its turn: what was missed while nothing ran goes out a minute apart")
TOO_MANY = N_("more was missed on the channel than goes out by itself: a person must decide")
CATCH_UP_LIMIT = 30
UNDER_WAY = (State.READY, State.CLAIMED)
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class InLine:
    """A delivery that is due, or waits for the turn it was given; a repeat has no `latest` but NEVER."""

    id: int
    channel_id: int
    due: bool
    turn_at: datetime
    order: tuple[datetime, int]
    latest: datetime
    images: int


@dataclass(frozen=True, slots=True)
class Rest:
    """What of these channels stands behind `after` in line: nobody knows its turn yet."""

    channel_ids: Collection[int]
    after: tuple[datetime, int]


def count_due(session: Session, *, by: datetime) -> dict[int, tuple[int, int]]:
    """How many planned deliveries of each channel are due by then, and how many of them had no turn yet.

    Paused ones count as well.
    """
    rows = session.execute(_due_by_channel(), {"by": by})
    return {id_: (number, int(without)) for id_, number, without in rows}


@cache
def _due_by_channel() -> Select[int, int, int]:
    fresh = func.sum(case((Delivery.next_at <= _wanted_at(), 1), else_=0))
    due = _due(bindparam("by", type_=Instant()))
    return select(Delivery.channel_id, func.count(), fresh).where(due).group_by(Delivery.channel_id)


def count_under_way(session: Session) -> dict[int, int]:
    """How many of each channel are ready or claimed: about to be sent."""
    query = select(Delivery.channel_id, func.count()).where(in_states(*UNDER_WAY))
    return dict(session.execute(query.group_by(Delivery.channel_id)).all())


def count_images(session: Session, channel_ids: Collection[int], *, by: datetime) -> dict[int, int]:
    """How many images the deliveries have that are due by then or under way, by channel that has any."""
    coming = or_(_due(by), in_states(*UNDER_WAY))
    query = (
        select(Delivery.channel_id, func.count())
        .join(VariantMedia, VariantMedia.variant_id == Delivery.variant_id)
        .where(Delivery.channel_id.in_(channel_ids), coming)
        .group_by(Delivery.channel_id)
    )
    return dict(session.execute(query).all())


def under_way(session: Session, channel_ids: Collection[int], *, at: datetime) -> dict[int, Spent]:
    """What each of these channels is about to send, as if it went out at `at`, or when the last is due."""
    query = (
        select(Delivery.channel_id, func.count(), func.sum(_images()), func.max(Delivery.due_at))
        .where(Delivery.channel_id.in_(channel_ids), in_states(*UNDER_WAY))
        .group_by(Delivery.channel_id)
    )
    return {
        id_: Spent(at=max(at, due_at), posts=posts, images=int(images))
        for id_, posts, images, due_at in session.execute(query)
    }


def line_up(
    session: Session,
    channel_ids: Collection[int],
    *,
    by: datetime,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[InLine]:
    """What of these channels is due by then or waits for a turn, earliest due first, at most `limit`.

    `after` is the `order` of the last that is known already.
    """
    in_line = and_(in_states(*PLANNED), Delivery.reason == FULL, Delivery.approved_hash.is_not(None))
    query = (
        select(
            Delivery.id,
            Delivery.channel_id,
            Delivery.due_at,
            Delivery.next_at,
            Delivery.tainted,
            Delivery.lateness,
            _wanted_at(),
            _images(),
        )
        .where(Delivery.channel_id.in_(channel_ids), or_(_due(by), in_line), _further_than(after), ~paused())
        .order_by(Delivery.due_at, Delivery.id)
        .limit(limit)
    )
    return [_in_line(row, by) for row in session.execute(query)]


def put_off(
    session: Session, turns: Mapping[int, datetime], *, now: datetime, reason: str | None = FULL
) -> None:
    """Give each its turn; no attempt is used up, and lateness is judged when the turn comes.

    What is ready is so no more, or whoever finds it would send it before. What somebody changes right now is
    left to the next look. Without a `reason` each keeps its own.
    """
    require_edge(State.READY, State.SCHEDULED)
    given = (
        update(Delivery)
        .where(Delivery.id == bindparam("delivery_id"), or_(*(Delivery.state == state for state in WAITING)))
        .values(
            state=case((Delivery.state == State.READY, State.SCHEDULED.value), else_=Delivery.state),
            next_at=bindparam("turn_at"),
            reason=Delivery.reason if reason is None else reason,
            updated_at=now,
        )
    )
    free = _lock_waiting(session, turns)
    if free:
        values = [{"delivery_id": id_, "turn_at": turns[id_]} for id_ in free]
        session.connection().execute(given, values)


def behind(rests: Iterable[Rest]) -> ColumnElement[bool]:
    """A condition on Delivery: true for what stands behind the line of its channel."""
    return or_(
        false(),
        *(and_(one_of(Delivery.channel_id, rest.channel_ids), _further_than(rest.after)) for rest in rests),
    )


def put_off_rest(
    session: Session, rests: Collection[Rest], again: Mapping[int, datetime], *, by: datetime, limit: int
) -> None:
    """Look `again` at what is due by then behind the line of one of these channels, at most at `limit`."""
    due = (
        select(Delivery.id, Delivery.channel_id)
        .where(_due(by), one_of(Delivery.channel_id, again), behind(rests))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = defaultdict[int, list[int]](list)
    for id_, channel_id in session.execute(due):
        found[channel_id].append(id_)
    for channel_id, ids in found.items():
        rest = update(Delivery).where(one_of(Delivery.id, ids), still(*PLANNED))
        session.execute(
            rest.values(next_at=again[channel_id], reason=FULL),
            execution_options={"synchronize_session": False},
        )


def hold_back(session: Session, ids: Collection[int], *, now: datetime, reason: str = TOO_FULL) -> list[int]:
    """Hold what would get its turn too late; the ids that were. What somebody changes right now is left."""
    free = _lock_waiting(session, ids)
    held = (
        update(Delivery)
        .where(one_of(Delivery.id, free), Delivery.state.in_(WAITING), Delivery.tainted.is_(false()))
        .values(state=State.HELD, reason=reason, next_at=None, updated_at=now)
    )
    return moved_ids(session, held)


def catch_up(session: Session, *, now: datetime) -> tuple[int, int]:
    """Space what became due while nothing ran, in due order, a minute apart on each channel (rule 11).

    Held is what stands further back in its channel's line than CATCH_UP_LIMIT, or would get its turn later
    than its tolerance. How many wait for a turn, and how many are held.
    """
    overdue = (
        select(Delivery.id, Delivery.channel_id, Delivery.lateness, _wanted_at())
        .where(overdue_by(now))
        .order_by(Delivery.due_at, Delivery.id)
    )
    rows = session.execute(overdue).all()
    late_from = {id_: latest(Lateness(lateness), wanted_at) for id_, _, lateness, wanted_at in rows}
    turns = dict(spaced(((id_, channel_id) for id_, channel_id, *_ in rows), now=now))
    far = [id_ for id_, at in turns.items() if at >= now + CATCH_UP_LIMIT * CATCH_UP_GAP]
    late = [id_ for id_, at in turns.items() if at > late_from[id_]]
    held = hold_back(session, far, now=now, reason=TOO_MANY)
    held += hold_back(session, late, now=now, reason=TOO_LATE)
    waiting = {id_: at for id_, at in turns.items() if at > now and id_ not in set(held)}
    put_off(session, waiting, now=now, reason=CATCHING_UP)
    return len(waiting), len(held)


def take_back(session: Session, channel_ids: Collection[int], *, now: datetime) -> list[int]:
    """Put what is ready on these channels back in line, so that nobody sends it meanwhile; the ids.

    What somebody takes at this moment is left: the platform will say the same of it.
    """
    require_edge(State.READY, State.SCHEDULED)
    ready = and_(
        Delivery.channel_id.in_(channel_ids), Delivery.state == State.READY, Delivery.tainted.is_(false())
    )
    back = (
        update(Delivery)
        .where(one_of(Delivery.id, lock_free(session, Delivery.id, ready)), still(State.READY))
        .values(state=State.SCHEDULED, reason=FULL, next_at=now, updated_at=now)
    )
    return moved_ids(session, back)


def overdue_by(now: datetime) -> ColumnElement[bool]:
    """A condition on Delivery: it waits and is due, or was announced and nobody took it yet.

    And nothing stands in its way: it is approved, in no doubt, and nobody paused it.
    """
    waits = or_(in_states(State.READY), _planned_by(now))
    return and_(waits, Delivery.approved_hash.is_not(None), Delivery.tainted.is_(false()), ~paused())


def _lock_waiting(session: Session, ids: Collection[int]) -> list[int]:
    """Those that wait still, approved as they were, and nobody else has in hand."""
    agreed = and_(Delivery.state.in_(WAITING), Delivery.approved_hash.is_not(None))
    return lock_free(session, Delivery.id, and_(one_of(Delivery.id, ids), agreed))


def _due(by: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    return and_(_planned_by(by), Delivery.approved_hash.is_not(None))


def _planned_by(by: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    return and_(in_states(*PLANNED), Delivery.next_at <= by)


def _further_than(order: tuple[datetime, int] | None) -> ColumnElement[bool]:
    """In the order of a line, which is that of due instants."""
    if order is None:
        return true()
    return tuple_(Delivery.due_at, Delivery.id) > tuple_(instant(order[0]), literal(order[1]))


def _wanted_at() -> ColumnElement[datetime]:
    return func.coalesce(Delivery.released_at, Delivery.due_at)


def _images() -> ColumnElement[int]:
    return (
        select(func.count())
        .where(VariantMedia.variant_id == Delivery.variant_id)
        .correlate(Delivery)
        .scalar_subquery()
    )


def _in_line(row: Row[int, int, datetime, datetime | None, bool, str, datetime, int], by: datetime) -> InLine:
    id_, channel_id, due_at, turn_at, tainted, lateness, wanted_at, images = row
    return InLine(
        id=id_,
        channel_id=channel_id,
        due=turn_at is None or turn_at <= by,
        turn_at=turn_at or by,
        order=(due_at, id_),
        latest=NEVER if tainted else latest(Lateness(lateness), wanted_at),
        images=images,
    )
