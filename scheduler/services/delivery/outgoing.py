"""What one channel will receive, byte for byte: read the same way for approval and for publishing."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any, TypeVar

import structlog
from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, aliased

from connectors.contract import Connector, Labels, MediaFile, Outgoing
from scheduler.core.labels import sendable
from scheduler.core.staging import stage_at
from scheduler.core.wording import N_
from scheduler.services.runtime import Runtime
from scheduler.store.sets import IDS, among
from scheduler.store.tables import Asset, Channel, Delivery, Post, Rendition, Variant, VariantMedia

MEDIA_GONE = N_("an image file of this post is gone from the media folder")
LABELS = (Post.ai_generated, Post.paid, Post.affiliation)
SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}
SENT = aliased(Asset)

File = TypeVar("File")

log = structlog.get_logger("postroad.media")


class LostMedia(Exception):
    """An image of the delivery cannot be read in the media folder: it must be imported again."""


def outgoings_of(
    session: Session, runtime: Runtime, delivery_ids: Collection[int]
) -> dict[int, Outgoing | LostMedia]:
    """What each delivery's channel will receive, by delivery id; two queries and one read a file.

    Labels that the platform has no field for are left out: the text has to say them. Where the platform's
    connector is no longer installed, nothing can be sent, and all are told.
    """
    files = _files(session, delivery_ids, cache(partial(_read, cache(runtime.media.read))))
    return {
        row.id: _lost(files[row.id]) or _outgoing(row, files[row.id], runtime.connectors.get(row.platform))
        for row in session.execute(_words_of(), {IDS: delivery_ids})
    }


def outlines_of(session: Session, runtime: Runtime, delivery_ids: Collection[int]) -> dict[int, Outgoing]:
    """The same without the images' bytes: to look for what was sent, though the files be gone."""
    files = _files(session, delivery_ids, partial(_file, content=b""))
    return {
        row.id: _outgoing(row, files[row.id], runtime.connectors.get(row.platform))
        for row in session.execute(_words_of(), {IDS: delivery_ids})
    }


def images_of(session: Session, delivery_ids: Collection[int]) -> Mapping[int, dict[int, int]]:
    """How many bytes each image has, by the id of each delivery that has any."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for delivery_id, image, size in session.execute(_sizes_of(), {IDS: delivery_ids}):
        found[delivery_id][image] = size
    return found


def receiver(channel: Channel) -> str:
    """The account an approval is bound to: another one behind the same name voids it."""
    return f"{channel.platform}:{channel.remote_id or channel.handle}"


def labels_of(post: Post | Row[*tuple[Any, ...]]) -> Labels:
    """The disclosures its author asked for; of a row that has LABELS as well."""
    return Labels(ai_generated=post.ai_generated, paid=post.paid, affiliation=post.affiliation)


def stage_time(runtime: Runtime, platform: str, outgoing: Outgoing, *, due_at: datetime) -> datetime | None:
    """When the invisible part of it is laid out, None when it has none or no connector is installed."""
    connector = runtime.connectors.get(platform)
    if connector is None or not connector.needs_staging(outgoing):
        return None
    return stage_at(due_at, connector.capabilities.staged_lasts_s)


def _outgoing(
    row: Row[*tuple[Any, ...]], files: Sequence[MediaFile | LostMedia], connector: Connector | None
) -> Outgoing:
    return Outgoing(
        text=row.text,
        language=row.language,
        link=row.link,
        media=tuple(file for file in files if isinstance(file, MediaFile)),
        labels=sendable(labels_of(row), connector),
    )


def _files(
    session: Session, delivery_ids: Collection[int], made: Callable[[Asset, str], File]
) -> dict[int, list[File]]:
    """The images of each delivery in their order, the platform's rendition where there is one."""
    found: dict[int, list[File]] = defaultdict(list)
    for delivery_id, alt, asset in session.execute(_files_of(), {IDS: delivery_ids}):
        found[delivery_id].append(made(asset, alt))
    return found


def _lost(files: Sequence[MediaFile | LostMedia]) -> LostMedia | None:
    return next((file for file in files if isinstance(file, LostMedia)), None)


@cache
def _words_of() -> Select[*tuple[Any, ...]]:
    return (
        select(Delivery.id, Channel.platform, Variant.text, Variant.language, Post.link, *LABELS)
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(Variant, Variant.id == Delivery.variant_id)
        .join(Post, Post.id == Delivery.post_id)
        .where(among(Delivery.id))
    )


@cache
def _files_of() -> Select[int, str, Asset]:
    return _with_images(Delivery.id, VariantMedia.alt, SENT).order_by(Delivery.id, VariantMedia.position)


@cache
def _sizes_of() -> Select[int, int, int]:
    return _with_images(Delivery.id, SENT.id, SENT.size)


def _with_images(*columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(VariantMedia, VariantMedia.variant_id == Delivery.variant_id)
        .outerjoin(
            Rendition,
            (Rendition.asset_id == VariantMedia.asset_id) & (Rendition.platform == Channel.platform),
        )
        .join(SENT, SENT.id == func.coalesce(Rendition.rendered_id, VariantMedia.asset_id))
        .where(among(Delivery.id))
    )


def _read(read: Callable[[str], bytes], asset: Asset, alt: str) -> MediaFile | LostMedia:
    try:
        return _file(asset, alt, content=read(asset.path))
    except OSError as error:
        log.warning("image not read", image=asset.sha256, error=str(error))
        return LostMedia(f"image {asset.sha256} cannot be read in the media folder")


def _file(asset: Asset, alt: str, *, content: bytes) -> MediaFile:
    return MediaFile(
        name=f"{asset.sha256[:16]}.{SUFFIXES[asset.mime_type]}",
        mime_type=asset.mime_type,
        content=content,
        alt=alt,
        width=asset.width,
        height=asset.height,
    )
