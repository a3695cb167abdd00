"""Posts as people look at them: where each one stands, its texts, its deliveries, who approved it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scheduler.core.problems import Refused
from scheduler.core.states import State
from scheduler.core.status import Status, status_of
from scheduler.services.desk.queue import DeliveryLine, Filter, list_deliveries
from scheduler.services.runtime import Runtime
from scheduler.services.writing.campaigns import find_campaign
from scheduler.services.writing.finding import no_post, posts_by_ref
from scheduler.store import deliveries
from scheduler.store.chunks import in_chunks
from scheduler.store.tables import Approval, Campaign, Delivery, Member, Post, Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class PostLine:
    """A post in a list. `wall_at` is naive wall time in `zone`; `states` counts its deliveries."""

    post: str
    campaign: str
    wall_at: datetime
    zone: str
    languages: tuple[str, ...]
    author: str
    revision: int
    status: Status
    states: dict[State, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """One text of a post; `platform` is empty when it is for all; `alts` belong to its images."""

    language: str
    platform: str
    text: str
    alts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalLine:
    """An approval; `voided_at` is when an edit ended it (instants are aware UTC)."""

    member: str
    revision: int
    approved_at: datetime
    voided_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostDetail:
    """A post with all its parts."""

    line: PostLine
    link: str | None
    lateness: str
    texts: tuple[TextLine, ...]
    deliveries: tuple[DeliveryLine, ...]
    approvals: tuple[ApprovalLine, ...]


def list_posts(
    runtime: Runtime, *, campaign: str | None = None, status: Status | None = None
) -> list[PostLine]:
    """The posts, of one campaign or in one status if wished, earliest first; Refused for no campaign."""
    query = select(Post).where(Post.organisation_id == runtime.organisation_id)
    with runtime.begin() as session:
        if campaign is not None:
            query = query.where(Post.campaign_id == find_campaign(session, runtime.organisation_id, campaign))
        posts = session.scalars(query.order_by(Post.wall_at, Post.ref)).all()
        lines = _lines(session, posts)
    return [line for line in lines if status in (None, line.status)]


def show_post(runtime: Runtime, ref: str) -> PostDetail:
    """One post with its texts, deliveries and approvals, or Refused when there is none of this name."""
    with runtime.begin() as session:
        post = posts_by_ref(session, runtime.organisation_id, [ref]).get(ref)
        if post is None:
            raise Refused([no_post(session, runtime, ref)])
        (line,) = _lines(session, [post])
        approvals = _approvals(session, post.id)
    return PostDetail(
        line=line,
        link=post.link,
        lateness=post.lateness,
        texts=tuple(_text(variant) for variant in post.variants),
        deliveries=tuple(list_deliveries(runtime, Filter(post=ref))),
        approvals=tuple(approvals),
    )


def _lines(session: Session, posts: Iterable[Post]) -> list[PostLine]:
    found = list(posts)
    ids = [post.id for post in found]
    campaigns = dict(session.execute(select(Campaign.id, Campaign.name)).all())
    authors = dict(session.execute(select(Member.id, Member.name)).all())
    languages = _languages(session, ids)
    states, waiting = _states(session, ids)
    return [
        PostLine(
            post=post.ref,
            campaign=campaigns.get(post.campaign_id or 0, ""),
            wall_at=post.wall_at,
            zone=post.zone,
            languages=tuple(languages[post.id]),
            author=authors[post.author_id],
            revision=post.revision,
            status=status_of(
                states[post.id], submitted=post.submitted_at is not None, approved=post.id not in waiting
            ),
            states=states[post.id],
        )
        for post in found
    ]


def _languages(session: Session, post_ids: Collection[int]) -> dict[int, list[str]]:
    languages: dict[int, list[str]] = defaultdict(list)
    query = select(Variant.post_id, Variant.language).distinct().order_by(Variant.language)
    for chunk in in_chunks(post_ids):
        for post_id, language in session.execute(query.where(Variant.post_id.in_(chunk))):
            languages[post_id].append(language)
    return languages


def _states(session: Session, post_ids: Collection[int]) -> tuple[dict[int, dict[State, int]], set[int]]:
    """(how many deliveries of each post are in each state, the posts of which some are not approved)."""
    states: dict[int, dict[State, int]] = defaultdict(dict)
    waiting = set()
    open_ = Delivery.approved_hash.is_(None)
    query = select(Delivery.post_id, Delivery.state, open_, func.count()).group_by(
        Delivery.post_id, Delivery.state, open_
    )
    for chunk in in_chunks(post_ids):
        for post_id, name, is_open, count in session.execute(query.where(Delivery.post_id.in_(chunk))):
            state = State(name)
            states[post_id][state] = states[post_id].get(state, 0) + count
            if is_open and state in deliveries.UNSENT:
                waiting.add(post_id)
    return states, waiting


def _text(variant: Variant) -> TextLine:
    return TextLine(
        language=variant.language,
        platform=variant.platform,
        text=variant.text,
        alts=tuple(shown.alt for shown in variant.media),
    )


def _approvals(session: Session, post_id: int) -> list[ApprovalLine]:
    query = (
        select(Approval, Member.name)
        .join(Member, Member.id == Approval.member_id)
        .where(Approval.post_id == post_id)
        .order_by(Approval.id)
    )
    return [
        ApprovalLine(
            member=member,
            revision=approval.revision,
            approved_at=approval.approved_at,
            voided_at=approval.voided_at,
        )
        for approval, member in session.execute(query)
    ]
