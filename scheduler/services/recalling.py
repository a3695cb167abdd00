"""Recall: one action over all deliveries of posts, with a receipt for each (rule 12). Safe to repeat."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.contract import Finding, Key, Outgoing, Probe, Staged
from connectors.errors import ConnectorError, NeedsReconnect, NeedsRefresh, PlatformChanged
from connectors.http import Http
from scheduler.core.problems import Refused, refuse
from scheduler.core.recalls import (
    DONE,
    NO_ID,
    Receipt,
    TakenDown,
    decide_recall,
    receipt_of,
)
from scheduler.core.roles import Person, Right
from scheduler.core.states import State
from scheduler.core.wording import N_
from scheduler.services import credentials, journaling
from scheduler.services.credentials import ReadyChannel
from scheduler.services.failpoints import reach
from scheduler.services.filing import known_posts
from scheduler.services.outgoing import LostMedia, outgoings_of
from scheduler.services.pausing import NO_REASON, find_campaign
from scheduler.services.renewing import prepare_channels
from scheduler.services.reviewing import UNKNOWN_POST
from scheduler.services.runtime import Call, Runtime
from scheduler.store import deliveries, recalls
from scheduler.store.chunks import in_chunks
from scheduler.store.ledger import Signed
from scheduler.store.tables import Channel, Delivery, Post, Publication

NOTHING_NAMED = N_("name posts, or a campaign with --campaign")

Progress = Callable[[int, int], None]

log = structlog.get_logger("postroad.recalling")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallLine:
    """What became of one recalled delivery; `url` is where a person finds it when the API cannot."""

    delivery: int
    post: str
    channel: str
    platform: str
    receipt: Receipt
    reason: str
    url: str

    @property
    def done(self) -> bool:
        """True when it is certainly not live."""
        return self.receipt in DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A live publication to take down; `outgoing` is for looking afterwards, None where nobody can."""

    publication: Publication
    delivery: Delivery
    channel: ReadyChannel | ConnectorError
    outgoing: Outgoing | None


def recall(
    runtime: Runtime,
    posts: Collection[str],
    *,
    campaign: str | None = None,
    reason: str,
    by: Person,
    progress: Progress | None = None,
) -> list[RecallLine]:
    """Take back posts by name, a campaign, or both; a receipt for each delivery that was not gone before."""
    by.require(Right.APPROVE)
    if not reason.strip():
        raise refuse(NO_REASON)
    signed = Signed(worker=by.name, now=runtime.clock.now())
    with runtime.begin() as session:
        post_ids = _posts(session, runtime, posts, campaign)
        ids = [
            id_
            for chunk in in_chunks(post_ids)
            for id_ in deliveries.recall(session, chunk, reason=reason.strip(), signed=signed)
        ]
        told = journaling.recalls(session, ids, at=signed.now)
        journaling.intend(runtime, told)
    journaling.confirm(runtime, told)
    for chunk in in_chunks(ids):
        lapsed = take_down(runtime, chunk, progress=progress)
        take_down(runtime, lapsed)
    with runtime.begin() as session:
        return [line for chunk in in_chunks(post_ids) for line in _lines(session, chunk)]


def take_down(
    runtime: Runtime, delivery_ids: Collection[int], *, progress: Progress | None = None
) -> list[int]:
    """Delete those of the deliveries that are live and recalled; ids of those whose token had lapsed."""
    removals = _prepare(runtime, delivery_ids)
    lapsed = []
    done = 0
    for batch in runtime.network.stream([_remover(removal) for removal in removals]):
        reach("taken_down")
        for index, answer in batch:
            _settle(runtime, removals[index], _as_answer(answer))
            if isinstance(answer, NeedsRefresh):
                lapsed.append(removals[index].delivery.id)
        done += len(batch)
        if progress:
            progress(done, len(removals))
    return lapsed


def _posts(session: Session, runtime: Runtime, refs: Collection[str], campaign: str | None) -> list[int]:
    if not refs and campaign is None:
        raise refuse(NOTHING_NAMED)
    known = known_posts(session, runtime.organisation_id, refs)
    unknown = [refuse(UNKNOWN_POST, post=ref).problems[0] for ref in refs if ref not in known]
    if unknown:
        raise Refused(unknown)
    ids = {post.id for post in known.values()}
    if campaign is not None:
        wanted = find_campaign(session, runtime.organisation_id, campaign)
        ids.update(session.scalars(select(Post.id).where(Post.campaign_id == wanted)))
    return sorted(ids)


def _prepare(runtime: Runtime, delivery_ids: Collection[int]) -> list[Removal]:
    with runtime.begin() as session:
        found = recalls.to_take_down(session, delivery_ids)
    if not found:
        return []
    channels = prepare_channels(runtime, {delivery.channel_id for _, delivery in found})
    with runtime.begin() as session:
        contents = outgoings_of(session, runtime, [delivery.id for _, delivery in found])
    return [
        Removal(
            publication=publication,
            delivery=delivery,
            channel=channels[delivery.channel_id],
            outgoing=_visible(contents[delivery.id]),
        )
        for publication, delivery in found
    ]


def _visible(content: Outgoing | LostMedia) -> Outgoing | None:
    return None if isinstance(content, LostMedia) else content


def _remover(removal: Removal) -> Call[TakenDown]:
    return lambda http: _remove(removal, http)


async def _remove(removal: Removal, http: Http) -> TakenDown:
    """Delete it, then look for it where a look is exact."""
    channel = removal.channel
    if isinstance(channel, ConnectorError):
        raise channel
    if not removal.publication.remote_id:
        raise NeedsReconnect(NO_ID)
    deletion = await channel.connector.delete(channel.session(http), removal.publication.remote_id)
    return TakenDown(deletion, await _look_again(removal, channel, http))


async def _look_again(removal: Removal, channel: ReadyChannel, http: Http) -> Finding | None:
    if removal.outgoing is None or channel.connector.capabilities.find_existing != "exact":
        return None
    delivery = removal.delivery
    probe = Probe(
        outgoing=removal.outgoing,
        key=Key(value=delivery.key, at=delivery.due_at),
        staged=Staged(handle=delivery.staged, complete=True),
        since=delivery.first_sent_at or delivery.due_at,
    )
    try:
        return await channel.connector.find_existing(channel.session(http), probe)
    except ConnectorError:
        return None


def _as_answer(answer: TakenDown | Exception) -> TakenDown | ConnectorError:
    if isinstance(answer, TakenDown | ConnectorError):
        return answer
    log.error("connector bug while deleting", exc_info=answer)
    return PlatformChanged(f"connector failure ({type(answer).__name__})")


def _settle(runtime: Runtime, removal: Removal, answer: TakenDown | ConnectorError) -> None:
    signed = Signed(worker=runtime.worker, now=runtime.clock.now())
    decision = decide_recall(answer, tries=removal.publication.recall_tries, now=signed.now)
    with runtime.begin() as session:
        written = recalls.write_receipt(session, removal.publication, decision, signed=signed)
        if isinstance(answer, NeedsRefresh) and isinstance(removal.channel, ReadyChannel):
            credentials.expire(session, [removal.channel], now=signed.now)
    if written and decision.receipt in DONE:
        journaling.gone(runtime, removal.delivery, removal.publication, at=signed.now)


def _lines(session: Session, post_ids: Collection[int]) -> list[RecallLine]:
    query = (
        select(Delivery, Post.ref, Channel, Publication)
        .join(Post, Post.id == Delivery.post_id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .outerjoin(Publication, Publication.delivery_id == Delivery.id)
        .where(Delivery.post_id.in_(post_ids), Delivery.recall_at.is_not(None))
        .order_by(Post.ref, Delivery.id)
    )
    return [_line(*row) for row in session.execute(query).all()]


def _line(delivery: Delivery, post: str, channel: Channel, publication: Publication | None) -> RecallLine:
    stored = publication.receipt if publication else ""
    reason = publication.receipt_reason if publication else delivery.reason
    return RecallLine(
        delivery=delivery.id,
        post=post,
        channel=channel.name,
        platform=channel.platform,
        receipt=receipt_of(State(delivery.state), stored, published=publication is not None),
        reason=reason,
        url=publication.url if publication else channel.url,
    )
