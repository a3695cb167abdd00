"""Recall: one action over all deliveries of posts, with a receipt for each (rule 12). Safe to repeat."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.core.problems import Refused, refuse, require_reason
from scheduler.core.recalls import DONE, Receipt, receipt_of
from scheduler.core.roles import Person, Right
from scheduler.core.states import State
from scheduler.core.wording import N_
from scheduler.services.delivery.taking_down import Progress, take_down
from scheduler.services.evidence import journaling
from scheduler.services.evidence.deciding import deciding
from scheduler.services.runtime import Runtime
from scheduler.services.writing.campaigns import find_campaign
from scheduler.services.writing.finding import known_posts, no_post
from scheduler.store import deliveries
from scheduler.store.chunks import in_chunks
from scheduler.store.evidence.ledger import Signed
from scheduler.store.locking import lock
from scheduler.store.sets import one_of
from scheduler.store.tables import Channel, Delivery, Post, Publication
from scheduler.store.unit_of_work import anew

NOTHING_NAMED = N_("name posts, or a campaign with --campaign")


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
    by.require(Right.RECALL)
    said = require_reason(reason)
    signed = Signed(worker=by.name, now=runtime.clock.now())
    post_ids, ids = _take_back(runtime, posts, campaign, reason=said, signed=signed)
    for chunk in in_chunks(ids):
        lapsed = take_down(runtime, chunk, progress=progress)
        take_down(runtime, lapsed)
    return _receipts(runtime, post_ids)


@anew
def _take_back(
    runtime: Runtime, posts: Collection[str], campaign: str | None, *, reason: str, signed: Signed
) -> tuple[list[int], list[int]]:
    """Mark them as recalled; the ids of the posts, and of the deliveries that were not gone before."""
    with deciding(runtime, "recall") as session:
        post_ids = _posts(session, runtime, posts, campaign)
        ids = [
            id_
            for chunk in in_chunks(post_ids)
            for id_ in deliveries.recall(session, chunk, reason=reason, signed=signed)
        ]
        told = journaling.recalls(session, ids, at=signed.now)
        journaling.intend(runtime, told)
    journaling.confirm(runtime, told)
    return post_ids, ids


def _receipts(runtime: Runtime, post_ids: Collection[int]) -> list[RecallLine]:
    with runtime.begin() as session:
        return [line for chunk in in_chunks(post_ids) for line in _lines(session, chunk)]


def _posts(session: Session, runtime: Runtime, refs: Collection[str], campaign: str | None) -> list[int]:
    """The ids of the posts. Who changes one meanwhile is waited for, or waits and finds it recalled."""
    if not refs and campaign is None:
        raise refuse(NOTHING_NAMED)
    known = known_posts(session, runtime.organisation_id, refs)
    unknown = [no_post(session, runtime, ref) for ref in refs if ref not in known]
    if unknown:
        raise Refused(unknown)
    ids = {post.id for post in known.values()}
    if campaign is not None:
        wanted = find_campaign(session, runtime.organisation_id, campaign)
        ids.update(session.scalars(select(Post.id).where(Post.campaign_id == wanted)))
    return lock(session, Post.id, one_of(Post.id, ids))


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
