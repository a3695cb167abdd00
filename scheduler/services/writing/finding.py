"""Posts by their names."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from scheduler.core.cells import closest
from scheduler.core.problems import Problem
from scheduler.core.wording import N_
from scheduler.services.runtime import Runtime
from scheduler.store.chunks import in_chunks
from scheduler.store.tables import Post, Variant, VariantMedia

UNKNOWN_POST = N_("there is no post {post}: see postroad posts list")
LIKENED = 2_000
"""Names a mistyped one is compared with: a tenth of a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPost:
    """A stored post, and what its row said."""

    id: int
    source_hash: str


def known_posts(session: Session, organisation_id: int, refs: Collection[str]) -> dict[str, KnownPost]:
    """Those of the names that are stored."""
    query = select(Post.ref, Post.id, Post.source_hash).where(Post.organisation_id == organisation_id)
    return {
        ref: KnownPost(id=post_id, source_hash=told)
        for chunk in in_chunks(refs)
        for ref, post_id, told in session.execute(query.where(Post.ref.in_(chunk)))
    }


def posts_by_ref(session: Session, organisation_id: int, refs: Collection[str]) -> dict[str, Post]:
    """The posts of these names, with their texts."""
    query = (
        select(Post)
        .where(Post.organisation_id == organisation_id)
        .options(selectinload(Post.variants).selectinload(Variant.media).selectinload(VariantMedia.asset))
    )
    return {
        post.ref: post
        for chunk in in_chunks(refs)
        for post in session.scalars(query.where(Post.ref.in_(chunk)))
    }


def no_post(session: Session, runtime: Runtime, ref: str) -> Problem:
    """That there is no post of this name, with the one most like it among the newest."""
    refs = select(Post.ref).where(Post.organisation_id == runtime.organisation_id)
    near = closest(ref, session.scalars(refs.order_by(Post.id.desc()).limit(LIKENED)))
    return Problem(message=UNKNOWN_POST, params={"post": ref}, near=near or "")
