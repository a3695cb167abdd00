"""Where a post went live, and in which language."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.store.stretch import rows
from scheduler.store.tables import Delivery, Post, Publication, Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A publication of a post; `published_at` is None where nobody wrote down when."""

    post_id: int
    channel_id: int
    language: str
    published_at: datetime | None


def versions_of(session: Session, organisation_id: int, ref: str) -> tuple[Version, ...]:
    """The publications of the post of this name; none for one that is unknown or not out."""
    said = (
        select(Publication.post_id, Publication.channel_id, Variant.language, Publication.published_at)
        .join(Delivery, Delivery.id == Publication.delivery_id)
        .join(Variant, Variant.id == Delivery.variant_id)
        .join(Post, Post.id == Publication.post_id)
        .where(Post.organisation_id == organisation_id, Post.ref == ref)
    )
    return rows(session, Version, said)
