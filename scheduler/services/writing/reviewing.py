"""Submitting and approving: an approval holds for exactly the bytes that each channel will receive."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from connectors.contract import Outgoing
from scheduler.core.checking import Sending, check_sendings, check_times, not_connected
from scheduler.core.content import content_hash
from scheduler.core.drafts import Cut
from scheduler.core.lateness import Lateness
from scheduler.core.places import Place
from scheduler.core.problems import Problem, Refused
from scheduler.core.roles import Person, Right
from scheduler.core.wording import N_
from scheduler.services.channels.matrix import place_of
from scheduler.services.delivery.outgoing import MEDIA_GONE, LostMedia, labels_of, outgoings_of, stage_time
from scheduler.services.evidence.deciding import deciding
from scheduler.services.runtime import Runtime
from scheduler.services.writing.finding import known_posts, no_post, posts_by_ref
from scheduler.store import deliveries
from scheduler.store.chunks import in_chunks
from scheduler.store.locking import lock
from scheduler.store.sets import one_of
from scheduler.store.tables import Approval, Channel, Delivery, Organisation, Post, Variant
from scheduler.store.unit_of_work import anew

POSTS_AT_ONCE = 20
NOT_SUBMITTED = N_("it is not submitted: run postroad posts submit {post}")
OWN_WORDS = N_("{member} wrote it last: somebody else must approve it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What an approval writes: the hash of the approved bytes, and when their invisible part is laid out."""

    delivery: int
    hash: str
    stage_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A delivery that is not approved, and what it would send."""

    id: int
    place: Place
    column: str
    due_at: datetime
    outgoing: Outgoing | LostMedia


@anew
def submit(runtime: Runtime, refs: Collection[str], *, by: Person) -> list[str]:
    """Hand posts over for review; the names of those that were not yet."""
    by.require(Right.WRITE)
    with deciding(runtime, "posts submit") as session:
        posts = find_posts(session, runtime, refs)
        fresh = [post for post in posts if post.submitted_at is None]
        for post in fresh:
            post.submitted_at = runtime.clock.now()
        return [post.ref for post in fresh]


@anew
def approve(runtime: Runtime, refs: Collection[str], *, by: Person) -> list[str]:
    """Approve posts as they are now; the names of those that were not yet; Refused whole otherwise."""
    with deciding(runtime, "posts approve") as session:
        return approve_posts(session, runtime, find_posts(session, runtime, refs), by=by)


def approve_posts(session: Session, runtime: Runtime, posts: Sequence[Post], *, by: Person) -> list[str]:
    """Bind an approval to what every waiting delivery of the posts would send; part of the transaction.

    The posts are those that `find_posts` gave to this transaction.
    """
    by.require(Right.APPROVE)
    organisation = session.get_one(Organisation, runtime.organisation_id)
    now = runtime.clock.now()
    problems: list[Problem] = []
    bound: list[Bound] = []
    approved = []
    for post, waiting in _waiting(session, runtime, posts):
        if by.id == post.author_id and not organisation.self_approval:
            problems.append(_about(post, Problem(message=OWN_WORDS, params={"member": by.name})))
        problems += [_about(post, problem) for problem in _objections(post, waiting, runtime, now)]
        bound += _bounds(runtime, waiting)
        approved.append(post)
    if any(not problem.advice for problem in problems):
        raise Refused(problems)
    _bind(session, bound)
    session.add_all(
        Approval(post_id=post.id, member_id=by.id, revision=post.revision, approved_at=now)
        for post in approved
    )
    return [post.ref for post in approved]


def find_posts(session: Session, runtime: Runtime, refs: Collection[str]) -> list[Post]:
    """The posts of these names. Who changes or decides on one meanwhile is waited for, or waits."""
    known = known_posts(session, runtime.organisation_id, refs)
    unknown = [ref for ref in dict.fromkeys(refs) if ref not in known]
    if unknown:
        raise Refused([no_post(session, runtime, ref) for ref in unknown])
    lock(session, Post.id, one_of(Post.id, [post.id for post in known.values()]))
    posts = posts_by_ref(session, runtime.organisation_id, refs)
    return [posts[ref] for ref in dict.fromkeys(refs)]


def _waiting(
    session: Session, runtime: Runtime, posts: Sequence[Post]
) -> Iterator[tuple[Post, list[Waiting]]]:
    """The posts that have deliveries to approve, with them; a few posts at a time, for their images' sake."""
    for some in in_chunks(posts, POSTS_AT_ONCE):
        found = _waiting_of(session, runtime, [post.id for post in some])
        yield from ((post, found[post.id]) for post in some if post.id in found)


def _waiting_of(session: Session, runtime: Runtime, post_ids: Collection[int]) -> Mapping[int, list[Waiting]]:
    since = func.coalesce(Delivery.released_at, Delivery.due_at)
    query = (
        select(Delivery.id, Delivery.post_id, since, Channel, Variant)
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(Variant, Variant.id == Delivery.variant_id)
        .where(
            Delivery.post_id.in_(post_ids),
            Delivery.approved_hash.is_(None),
            Delivery.state.in_(deliveries.UNSENT),
        )
        .order_by(Delivery.id)
    )
    rows = session.execute(query).all()
    contents = outgoings_of(session, runtime, [row.id for row in rows])
    found: dict[int, list[Waiting]] = defaultdict(list)
    for delivery_id, post_id, due_at, channel, variant in rows:
        found[post_id].append(
            Waiting(
                id=delivery_id,
                place=place_of(channel),
                column=Cut(variant.language, variant.platform).column,
                due_at=due_at,
                outgoing=contents[delivery_id],
            )
        )
    return found


def _objections(post: Post, waiting: Sequence[Waiting], runtime: Runtime, now: datetime) -> list[Problem]:
    """Why this post cannot be approved now, and what the approver should know."""
    problems = []
    if post.submitted_at is None:
        problems.append(Problem(message=NOT_SUBMITTED, params={"post": post.ref}))
    if any(isinstance(one.outgoing, LostMedia) for one in waiting):
        problems.append(Problem(message=MEDIA_GONE))
    sendings = [
        Sending(place=one.place, outgoing=one.outgoing, labels=labels_of(post), column=one.column)
        for one in waiting
        if isinstance(one.outgoing, Outgoing)
    ]
    due = [(one.place, one.due_at) for one in waiting]
    return [
        *problems,
        *not_connected((one.place for one in waiting), advice=False),
        *check_sendings(sendings, runtime.connectors),
        *check_times(due, lateness=Lateness(post.lateness), now=now),
    ]


def _bounds(runtime: Runtime, waiting: Sequence[Waiting]) -> list[Bound]:
    return [
        Bound(
            delivery=one.id,
            hash=content_hash(one.outgoing, channel=one.place.account),
            stage_at=stage_time(runtime, one.place.platform, one.outgoing, due_at=one.due_at),
        )
        for one in waiting
        if isinstance(one.outgoing, Outgoing)
    ]


def _bind(session: Session, bound: Sequence[Bound]) -> None:
    """Approve the bytes that were looked at; what began to move meanwhile stays as it is."""
    if not bound:
        return
    approved = (
        update(Delivery)
        .where(
            Delivery.id == bindparam("delivery"),
            or_(*(Delivery.state == state for state in deliveries.UNSENT)),
        )
        .values(approved_hash=bindparam("hash"), stage_at=bindparam("stage_at"))
    )
    session.connection().execute(approved, [asdict(one) for one in bound])


def _about(post: Post, problem: Problem) -> Problem:
    """The problem with the post's name in front of its column."""
    return replace(problem, column=f"{post.ref}, {problem.column}" if problem.column else post.ref)
