"""How the posts of channels were made: language, length, and what they carry, in the variant delivered."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.orm import Session

from scheduler.core.reasons import Format, Made
from scheduler.store.chunks import in_chunks
from scheduler.store.reach.stretch import Stretch
from scheduler.store.tables import Asset, Delivery, Post, Publication, Variant, VariantMedia


def made_in(session: Session, stretch: Stretch, channel_ids: Collection[int]) -> dict[int, dict[int, Made]]:
    """By channel and post, what went live on these channels in the stretch."""
    found: dict[int, dict[int, Made]] = {id_: {} for id_ in channel_ids}
    for some in in_chunks(channel_ids):
        for row in session.execute(_made(stretch).where(Publication.channel_id.in_(some))):
            found[row.channel_id][row.post_id] = _of(row)
    return found


def _of(row: Row[Any]) -> Made:
    chosen = Format.TEXT
    if row.videos:
        chosen = Format.VIDEO
    elif row.files:
        chosen = Format.IMAGE
    elif row.link:
        chosen = Format.LINK
    return Made(language=row.language, length=row.length, format=chosen)


def _made(stretch: Stretch) -> Select[Any]:
    return (
        select(
            Publication.channel_id,
            Publication.post_id,
            Variant.language,
            func.length(Variant.text).label("length"),
            Post.link,
            func.count(Asset.id).label("files"),
            func.sum(case((Asset.mime_type.like("video/%"), 1), else_=0)).label("videos"),
        )
        .join(Delivery, Delivery.id == Publication.delivery_id)
        .join(Variant, Variant.id == Delivery.variant_id)
        .join(Post, Post.id == Publication.post_id)
        .join(VariantMedia, VariantMedia.variant_id == Variant.id, isouter=True)
        .join(Asset, Asset.id == VariantMedia.asset_id, isouter=True)
        .where(
            Publication.organisation_id == stretch.organisation_id, stretch.holds(Publication.published_at)
        )
        .group_by(Publication.id, Variant.id, Post.id)
    )
