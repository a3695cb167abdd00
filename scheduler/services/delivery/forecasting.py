"""What will not fit when it is due: every channel's plan walked through its windows, as pacing will do it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.capabilities import Quota
from scheduler.core.lateness import Lateness, latest
from scheduler.core.quotas import Turn, Waiting, turns
from scheduler.services.delivery.gates import gates_of, places
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.deliveries.waiting import FULL, NEVER
from scheduler.store.tables import Channel, Delivery, Post, VariantMedia

AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Posts of a channel due at one instant of which not all can go out then. Instants are aware UTC.

    `fit` go out in time, `late` would wait beyond their tolerance and be held; `last_at` is when the last of
    the others goes out, None when none does. `quota` is the window that is full, and `names` are the posts.
    """

    channel: str
    platform: str
    due_at: datetime
    posts: int
    fit: int
    late: int
    last_at: datetime | None
    quota: Quota
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A delivery of the plan."""

    waiting: Waiting
    due_at: datetime
    channel: str
    platform: str
    post: str


def forecast(
    runtime: Runtime, *, posts: Collection[str] | None = None, ahead: timedelta = AHEAD
) -> list[Crowd]:
    """Every crowd within `ahead`, earliest first; with `posts` only those that these posts are in."""
    now = runtime.clock.now()
    with runtime.begin() as session:
        planned = _planned(session, runtime, now=now, until=now + ahead)
        channel_ids = {one.waiting.channel for one in planned}
        gates = gates_of(session, places(session, runtime.connectors), channel_ids, now=now)
    given = {turn.id: turn for turn in turns([one.waiting for one in planned], gates)}
    ordered = sorted(planned, key=lambda one: (one.due_at, one.channel))
    groups = [list(group) for _, group in groupby(ordered, key=lambda one: (one.due_at, one.channel))]
    crowds = [crowd for group in groups for crowd in _crowd(group, [given[one.waiting.id] for one in group])]
    return [crowd for crowd in crowds if posts is None or set(crowd.names) & set(posts)]


def _planned(session: Session, runtime: Runtime, *, now: datetime, until: datetime) -> list[Planned]:
    """The plan in the order in which pacing takes what is due; what waits for a turn may go at once."""
    images = (
        select(func.count())
        .where(VariantMedia.variant_id == Delivery.variant_id)
        .correlate(Delivery)
        .scalar_subquery()
    )
    query = (
        select(Delivery, Channel.name, Channel.platform, Post.ref, images)
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(Post, Post.id == Delivery.post_id)
        .where(
            Delivery.organisation_id == runtime.organisation_id,
            deliveries.in_states(*deliveries.PLANNED),
            Delivery.next_at <= until,
        )
    )
    found = [
        Planned(
            waiting=_waiting(delivery, count, now),
            due_at=delivery.due_at,
            channel=name,
            platform=key,
            post=ref,
        )
        for delivery, name, key, ref, count in session.execute(query)
    ]
    return sorted(found, key=lambda one: (one.due_at, one.waiting.id))


def _waiting(delivery: Delivery, images: int, now: datetime) -> Waiting:
    wanted_at = delivery.released_at or delivery.due_at
    in_line = delivery.reason == FULL or delivery.next_at is None
    return Waiting(
        id=delivery.id,
        channel=delivery.channel_id,
        at=now if in_line or delivery.next_at is None else max(delivery.next_at, now),
        latest=NEVER if delivery.tainted else latest(Lateness(delivery.lateness), wanted_at),
        images=images,
    )


def _crowd(group: Sequence[Planned], given: Sequence[Turn]) -> Iterable[Crowd]:
    held_by = [turn.held_by for turn in given if turn.held_by]
    if not held_by:
        return
    first = group[0]
    yield Crowd(
        channel=first.channel,
        platform=first.platform,
        due_at=first.due_at,
        posts=len(group),
        fit=sum(turn.held_by is None for turn in given),
        late=sum(turn.at is None for turn in given),
        last_at=max((turn.at for turn in given if turn.at), default=None),
        quota=held_by[-1],
        names=tuple(one.post for one in group),
    )
