"""Deliveries as people look at them: what is waiting, what became of it, and the evidence."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, select
from sqlalchemy.orm import Session

from scheduler.core.cells import closest
from scheduler.core.problems import Refused, refuse
from scheduler.core.states import State
from scheduler.core.stopping import Scope, Target
from scheduler.core.wording import N_
from scheduler.services.channels.matrix import find_channel
from scheduler.services.desk.pausing import NO_PLATFORM
from scheduler.services.runtime import Runtime
from scheduler.services.writing.finding import no_post, posts_by_ref
from scheduler.store import deliveries
from scheduler.store.evidence.ledger import lines_of
from scheduler.store.holding import pauses
from scheduler.store.tables import Channel, Delivery, Pause, Post, Publication, Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which deliveries: empty means any."""

    states: Collection[State] = ()
    channel: str | None = None
    platform: str | None = None
    post: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLine:
    """A delivery in a list. Instants are aware UTC, `time_zone` is the channel's.

    `recalled_at` is when a published one was taken down again; `verdict` is what reading it back came to
    (scheduler.core.verifying.Verdict), empty before that, and `verdict_reason` says why. `paused` is the
    oldest pause that keeps it back although it is due.
    """

    id: int
    post: str
    channel: str
    platform: str
    language: str
    state: State
    reason: str
    approved: bool
    due_at: datetime
    time_zone: str
    next_at: datetime | None
    attempts: int
    url: str
    recalled_at: datetime | None
    verdict: str
    verdict_reason: str
    paused: Target | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptLine:
    """One line of a delivery's evidence; `at` is aware UTC."""

    at: datetime
    number: int
    kind: str
    state: State
    reason: str
    worker: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDetail:
    """A delivery with its text and everything that was tried."""

    line: DeliveryLine
    text: str
    confirmed_by: str
    attempts: tuple[AttemptLine, ...]


def list_deliveries(runtime: Runtime, wanted: Filter, *, limit: int | None = None) -> list[DeliveryLine]:
    """The deliveries that fit, earliest due first, at most `limit`."""
    with runtime.begin() as session:
        return _lines(session, _conditions(runtime, wanted), limit, now=runtime.clock.now())


def require_known(runtime: Runtime, wanted: Filter) -> None:
    """Refused when there is no such channel, platform or post: that is not the same as none of theirs."""
    if wanted.platform not in (None, *runtime.connectors):
        platform = str(wanted.platform)
        raise refuse(NO_PLATFORM, platform=platform, near=closest(platform, runtime.connectors))
    with runtime.begin() as session:
        if wanted.channel is not None:
            find_channel(session, runtime.organisation_id, wanted.channel)
        if wanted.post is not None and not posts_by_ref(session, runtime.organisation_id, [wanted.post]):
            raise Refused([no_post(session, runtime, wanted.post)])


def count_deliveries(runtime: Runtime, wanted: Filter) -> dict[State, int]:
    """How many of the deliveries that fit are in each state that has any."""
    query = (
        select(Delivery.state, func.count())
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(Post, Post.id == Delivery.post_id)
        .where(*_conditions(runtime, wanted))
        .group_by(Delivery.state)
    )
    with runtime.begin() as session:
        return {State(state): count for state, count in session.execute(query)}


def show_delivery(runtime: Runtime, delivery_id: int) -> DeliveryDetail:
    """One delivery with its evidence, or Refused when there is none of this number."""
    conditions = [Delivery.organisation_id == runtime.organisation_id, Delivery.id == delivery_id]
    with runtime.begin() as session:
        lines = _lines(session, conditions, 1, now=runtime.clock.now())
        if not lines:
            raise refuse(N_("there is no delivery {delivery}: see postroad queue"), delivery=delivery_id)
        text = select(Variant.text).join(Delivery, Delivery.variant_id == Variant.id)
        proof = select(Publication.confirmed_by).where(Publication.delivery_id == delivery_id)
        return DeliveryDetail(
            line=lines[0],
            text=session.scalars(text.where(Delivery.id == delivery_id)).one(),
            confirmed_by=session.scalar(proof) or "",
            attempts=tuple(_attempts(session, delivery_id)),
        )


def _conditions(runtime: Runtime, wanted: Filter) -> list[ColumnElement[bool]]:
    conditions = [Delivery.organisation_id == runtime.organisation_id]
    if wanted.states:
        conditions.append(deliveries.in_states(*wanted.states))
    for column, value in (
        (Channel.name, wanted.channel),
        (Channel.platform, wanted.platform),
        (Post.ref, wanted.post),
    ):
        if value is not None:
            conditions.append(column == value)
    return conditions


def _lines(
    session: Session, conditions: Collection[ColumnElement[bool]], limit: int | None, *, now: datetime
) -> list[DeliveryLine]:
    due = and_(Delivery.state.in_(deliveries.WAITING), Delivery.next_at <= now)
    query = (
        select(Delivery, Post.ref, Channel, Variant.language, Publication, case((due, pauses.oldest())))
        .join(Post, Post.id == Delivery.post_id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(Variant, Variant.id == Delivery.variant_id)
        .outerjoin(Publication, Publication.delivery_id == Delivery.id)
        .where(*conditions)
        .order_by(Delivery.due_at, Delivery.id)
        .limit(limit)
    )
    paused = {one.id: _target(one) for one in session.scalars(select(Pause).where(pauses.OPEN))}
    return [_line(row, paused) for row in session.execute(query)]


def _target(pause: Pause) -> Target:
    return Target(scope=Scope(pause.scope), name=pause.value)


def _line(
    row: Row[Delivery, str, Channel, str, Publication | None, int | None], paused: Mapping[int, Target]
) -> DeliveryLine:
    delivery, ref, channel, language, proof, pause_id = row
    return DeliveryLine(
        id=delivery.id,
        post=ref,
        channel=channel.name,
        platform=channel.platform,
        language=language,
        state=State(delivery.state),
        reason=delivery.reason,
        approved=delivery.approved_hash is not None,
        due_at=delivery.due_at,
        time_zone=channel.time_zone,
        next_at=delivery.next_at,
        attempts=delivery.attempts,
        url=proof.url if proof else "",
        recalled_at=proof.recalled_at if proof else None,
        verdict=proof.verdict if proof else "",
        verdict_reason=proof.verdict_reason if proof else "",
        paused=paused.get(pause_id) if pause_id else None,
    )


def _attempts(session: Session, delivery_id: int) -> list[AttemptLine]:
    return [
        AttemptLine(
            at=line.at,
            number=number,
            kind=line.kind,
            state=State(line.state),
            reason=line.reason,
            worker=line.worker,
            evidence=line.evidence,
        )
        for number, line in enumerate(lines_of(session, delivery_id), 1)
    ]
