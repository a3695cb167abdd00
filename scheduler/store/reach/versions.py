"""Where a post went live, and in which language."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.store.reach.stretch import Statement, Stretch
from scheduler.store.tables import Delivery, Post, Publication, Variant


class Version(NamedTuple):
    """A publication of a post; `published_at` is None where nobody wrote down when."""

    post_id: int
    ref: str
    channel_id: int
    language: str
    published_at: datetime | None


def versions_of(session: Session, organisation_id: int, ref: str) -> tuple[Version, ...]:
    """The publications of the post of this name; none for one that is unknown or not out."""
    return tuple(Version(*row) for row in session.execute(_versions(organisation_id).where(Post.ref == ref)))


def versions_in(session: Session, stretch: Stretch) -> tuple[Version, ...]:
    """What went live in the stretch."""
    live = _versions(stretch.organisation_id).where(
        Publication.organisation_id == stretch.organisation_id, stretch.holds(Publication.published_at)
    )
    return tuple(Version(*row) for row in session.execute(live))


def _versions(organisation_id: int) -> Statement:
    columns = (Post.ref, Publication.channel_id, Variant.language, Publication.published_at)
    return (
        select(Publication.post_id, *columns)
        .join(Delivery, Delivery.id == Publication.delivery_id)
        .join(Variant, Variant.id == Delivery.variant_id)
        .join(Post, Post.id == Publication.post_id)
        .where(Post.organisation_id == organisation_id)
    )
