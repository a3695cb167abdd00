"""What waits for a person, by cause, with the one remedy of each; counted the same way everywhere."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from shlex import join
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from scheduler.core.recalls import Receipt
from scheduler.core.states import State
from scheduler.core.verifying import DIFFERENCES, FOR_A_PERSON
from scheduler.services.delivery.outgoing import MEDIA_GONE
from scheduler.services.desk.causes import Cause, Remedy
from scheduler.services.desk.standstills import standstills, unread
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.tables import Channel, Credential, Delivery, Post, Publication
from scheduler.store.vitals import unindexed

OPEN = (State.HELD, State.UNCONFIRMED)
ENDED = (State.REJECTED, State.MISSED)
NAMED = 5
DAYS = 14


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
        return _remedy(self.state, self.reason, dead=self.dead)


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseCount:
    """How many wait for one cause, as `attention` would count them."""

    state: State
    reason: str
    platform: str
    remedy: Remedy
    count: int


def attention(runtime: Runtime, *, days: int = DAYS) -> list[Cause]:
    """Every cause, the largest first; what ended or was published only if in the last `days` days.

    What stops the whole desk comes before all.
    """
    now = runtime.clock.now()
    since = now - timedelta(days=days)
    with runtime.begin() as session:
        standing = standstills(session, now=now) + unread(session, runtime, now=now)
        cases = _waiting(session, runtime, since)
        for which, reason in _published(runtime, since):
            cases += _proved(session, which, reason)
    causes = [_cause(group) for group in _grouped(cases)]
    return standing + sorted(causes, key=lambda cause: (-cause.count, cause.oldest_at))


def count_causes(session: Session, runtime: Runtime, *, now: datetime, days: int = DAYS) -> list[CauseCount]:
    """The counts of `attention` at `now`, without naming what is counted: a few grouped queries."""
    counts = Counter[tuple[State, str, str, Remedy]]()
    for cause in standstills(session, now=now) + unread(session, runtime, now=now):
        counts[cause.state, cause.reason, cause.platform, cause.remedy] += cause.count
    since = now - timedelta(days=days)
    queries = [_counted(Delivery.reason).where(_waits(runtime, since))]
    for which, why in _published(runtime, since):
        proved = _counted(why).join(Publication, Publication.delivery_id == Delivery.id)
        queries.append(proved.where(which))
    for query in queries:
        for state, reason, platform, health, count in session.execute(query).all():
            remedy = _remedy(State(state), reason, dead=health != "ok")
            counts[State(state), reason, platform, remedy] += count
    return [
        CauseCount(state=state, reason=reason, platform=platform, remedy=remedy, count=count)
        for (state, reason, platform, remedy), count in sorted(counts.items())
    ]


def _remedy(state: State, reason: str, *, dead: bool) -> Remedy:
    if state is State.PUBLISHED:
        return Remedy.COMPARE if reason in DIFFERENCES else Remedy.DELETE_BY_HAND
    if state is State.UNCONFIRMED:
        return Remedy.RESOLVE
    if state is not State.HELD or reason in (deliveries.CHANGED, MEDIA_GONE):
        return Remedy.REWRITE
    if reason == deliveries.NOT_APPROVED:
        return Remedy.APPROVE
    return Remedy.RECONNECT if dead else Remedy.RELEASE


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
    posts = join(dict.fromkeys(case.post for case in cases[:NAMED]))
    channel = join([first.channel])
    return {
        Remedy.RELEASE: f"postroad release {numbers}",
        Remedy.APPROVE: f"postroad posts approve {posts} && postroad release {numbers}",
        Remedy.RECONNECT: f"postroad channels connect {channel} && postroad release --channel {channel}",
        Remedy.RESOLVE: f"postroad resolve {first.delivery} --published URL --reason WHY",
        Remedy.REWRITE: f"postroad show {first.delivery}",
        Remedy.DELETE_BY_HAND: f"postroad recall {posts} --reason WHY",
        Remedy.COMPARE: f"postroad show {first.delivery}",
    }[first.remedy]


def _waits(runtime: Runtime, since: datetime) -> ColumnElement[bool]:
    """What ended unsent, at whatever time it was due, waits no more for anybody once it was recalled."""
    return and_(
        unindexed(Delivery.organisation_id) == runtime.organisation_id,
        deliveries.in_states(*OPEN, *ENDED),
        or_(Delivery.state.in_(OPEN), and_(Delivery.updated_at >= since, Delivery.recall_at.is_(None))),
    )


def _is_live_still(runtime: Runtime) -> ColumnElement[bool]:
    """What was recalled and the platform's API cannot take down."""
    return and_(
        unindexed(Delivery.organisation_id) == runtime.organisation_id,
        Publication.recalled_at.is_(None),
        Publication.receipt == Receipt.PERSON,
    )


def _differs(runtime: Runtime, since: datetime) -> ColumnElement[bool]:
    """What was read back and is not what was sent, as long as nobody recalled it."""
    return and_(
        Publication.organisation_id == runtime.organisation_id,
        Publication.published_at >= since,
        Delivery.recall_at.is_(None),
        Publication.verdict.in_(FOR_A_PERSON),
    )


def _published(
    runtime: Runtime, since: datetime
) -> list[tuple[ColumnElement[bool], InstrumentedAttribute[str]]]:
    """What waits although it is published, and where it says why."""
    return [
        (_is_live_still(runtime), Publication.receipt_reason),
        (_differs(runtime, since), Publication.verdict_reason),
    ]


def _waiting(session: Session, runtime: Runtime, since: datetime) -> list[Case]:
    return _cases(session, _named(Delivery.reason, Channel.url).where(_waits(runtime, since)))


def _proved(session: Session, which: ColumnElement[bool], reason: InstrumentedAttribute[str]) -> list[Case]:
    proved = _named(reason, Publication.url).join(Publication, Publication.delivery_id == Delivery.id)
    return _cases(session, proved.where(which))


def _counted(reason: InstrumentedAttribute[str]) -> Select[str, str, str, str, int]:
    columns = (Delivery.state, reason, Channel.platform, Credential.health)
    return (
        select(*columns, func.count())
        .select_from(Delivery)
        .join(Channel, Channel.id == Delivery.channel_id)
        .outerjoin(Credential, Credential.channel_id == Channel.id)
        .group_by(*columns)
    )


def _named(reason: InstrumentedAttribute[str], url: InstrumentedAttribute[str]) -> Select[*tuple[Any, ...]]:
    """The columns of cases, and no more: after a restore everything that is planned is one."""
    return (
        select(
            Delivery.id.label("delivery"),
            Delivery.state,
            reason.label("reason"),
            Channel.platform,
            Channel.name.label("channel"),
            Post.ref.label("post"),
            Delivery.due_at,
            Credential.health,
            url.label("url"),
        )
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(Post, Post.id == Delivery.post_id)
        .outerjoin(Credential, Credential.channel_id == Channel.id)
    )


def _cases(session: Session, query: Select[*tuple[Any, ...]]) -> list[Case]:
    return [
        Case(
            delivery=row.delivery,
            state=State(row.state),
            reason=row.reason,
            platform=row.platform,
            channel=row.channel,
            post=row.post,
            due_at=row.due_at,
            dead=row.health != "ok",
            url=row.url,
        )
        for row in session.execute(query)
    ]
