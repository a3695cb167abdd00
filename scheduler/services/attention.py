"""What waits for a person, grouped by cause, with the one remedy for each group."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from scheduler.core.recalls import Receipt
from scheduler.core.states import State
from scheduler.services.outgoing import MEDIA_GONE
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.tables import Channel, Credential, Delivery, Post, Publication

OPEN = (State.HELD, State.UNCONFIRMED)
ENDED = (State.REJECTED, State.MISSED)
NAMED = 5


class Remedy(StrEnum):
    """What a person does about a group."""

    RELEASE = "release"
    APPROVE = "approve"
    RECONNECT = "reconnect"
    RESOLVE = "resolve"
    REWRITE = "rewrite"
    DELETE_BY_HAND = "delete_by_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Deliveries that wait for a person for one reason; `command` is what to run, for the first of them.

    `oldest_at` (aware UTC) is the earliest due time; `deliveries`, `posts` and `channels` name all.
    """

    state: State
    reason: str
    platform: str
    count: int
    oldest_at: datetime
    remedy: Remedy
    command: str
    deliveries: tuple[int, ...]
    posts: tuple[str, ...]
    channels: tuple[str, ...]
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One delivery that waits for a person."""

    delivery: int
    state: State
    reason: str
    platform: str
    channel: str
    post: str
    due_at: datetime
    dead: bool
    url: str

    @property
    def remedy(self) -> Remedy:
        """The one thing that helps."""
        if self.state is State.PUBLISHED:
            return Remedy.DELETE_BY_HAND
        if self.state is State.UNCONFIRMED:
            return Remedy.RESOLVE
        if self.state is not State.HELD or self.reason in (deliveries.CHANGED, MEDIA_GONE):
            return Remedy.REWRITE
        if self.reason == deliveries.NOT_APPROVED:
            return Remedy.APPROVE
        return Remedy.RECONNECT if self.dead else Remedy.RELEASE


def attention(runtime: Runtime, *, days: int) -> list[Cause]:
    """Every cause, the largest first; rejected and missed ones only if due in the last `days` days."""
    since = runtime.clock.now() - timedelta(days=days)
    with runtime.begin() as session:
        cases = [*_waiting(session, runtime, since), *_live_still(session, runtime)]
    causes = [_cause(group) for group in _grouped(cases)]
    return sorted(causes, key=lambda cause: (-cause.count, cause.oldest_at))


def _grouped(cases: Iterable[Case]) -> Iterable[Sequence[Case]]:
    def key(case: Case) -> tuple[str, ...]:
        return case.state, case.reason, case.platform, case.remedy

    return [list(group) for _, group in groupby(sorted(cases, key=key), key=key)]


def _cause(cases: Sequence[Case]) -> Cause:
    ordered = sorted(cases, key=lambda case: (case.due_at, case.delivery))
    first = ordered[0]
    return Cause(
        state=first.state,
        reason=first.reason,
        platform=first.platform,
        count=len(ordered),
        oldest_at=first.due_at,
        remedy=first.remedy,
        command=_command(ordered),
        deliveries=tuple(case.delivery for case in ordered),
        posts=tuple(dict.fromkeys(case.post for case in ordered)),
        channels=tuple(dict.fromkeys(case.channel for case in ordered)),
        urls=tuple(case.url for case in ordered if case.url),
    )


def _command(cases: Sequence[Case]) -> str:
    first = cases[0]
    numbers = " ".join(str(case.delivery) for case in cases[:NAMED])
    posts = " ".join(dict.fromkeys(case.post for case in cases[:NAMED]))
    return {
        Remedy.RELEASE: f"postroad release {numbers}",
        Remedy.APPROVE: f"postroad posts approve {posts} && postroad release {numbers}",
        Remedy.RECONNECT: f"postroad channels connect {first.channel} && "
        f"postroad release --channel {first.channel}",
        Remedy.RESOLVE: f"postroad resolve {first.delivery} --published URL --reason WHY",
        Remedy.REWRITE: f"postroad show {first.delivery}",
        Remedy.DELETE_BY_HAND: f"postroad recall {posts} --reason WHY",
    }[first.remedy]


def _waiting(session: Session, runtime: Runtime, since: datetime) -> list[Case]:
    lately = and_(Delivery.state.in_(ENDED), Delivery.due_at >= since)
    query = _cases().where(
        Delivery.organisation_id == runtime.organisation_id, or_(Delivery.state.in_(OPEN), lately)
    )
    return [
        _case(delivery, channel, post, health, reason=delivery.reason, url=channel.url)
        for delivery, channel, post, health in session.execute(query).all()
    ]


def _live_still(session: Session, runtime: Runtime) -> list[Case]:
    """What was recalled and the platform's API cannot take down."""
    query = (
        _cases()
        .add_columns(Publication)
        .join(Publication, Publication.delivery_id == Delivery.id)
        .where(
            Delivery.organisation_id == runtime.organisation_id,
            Publication.recalled_at.is_(None),
            Publication.receipt == Receipt.PERSON,
        )
    )
    return [
        _case(delivery, channel, post, health, reason=live.receipt_reason, url=live.url)
        for delivery, channel, post, health, live in session.execute(query).all()
    ]


def _cases() -> Select[Delivery, Channel, str, str]:
    return (
        select(Delivery, Channel, Post.ref, Credential.health)
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(Post, Post.id == Delivery.post_id)
        .outerjoin(Credential, Credential.channel_id == Channel.id)
    )


def _case(
    delivery: Delivery, channel: Channel, post: str, health: str | None, *, reason: str, url: str
) -> Case:
    return Case(
        delivery=delivery.id,
        state=State(delivery.state),
        reason=reason,
        platform=channel.platform,
        channel=channel.name,
        post=post,
        due_at=delivery.due_at,
        dead=health != "ok",
        url=url,
    )
