"""Images on file: one row for the same bytes, and the stand-ins that stricter platforms get."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.services.writing.pictures import Picture
from scheduler.store.tables import Asset, Rendition


def file_pictures(
    session: Session, pictures: Iterable[Picture], *, organisation_id: int, now: datetime
) -> dict[str, Asset]:
    """The asset of each picture by its SHA-256, made where it is missing."""
    wanted = {picture.sha256: picture for picture in pictures}
    known = select(Asset).where(Asset.organisation_id == organisation_id, Asset.sha256.in_(wanted))
    assets = {asset.sha256: asset for asset in session.scalars(known)}
    for sha256, picture in wanted.items():
        if sha256 not in assets:
            assets[sha256] = _asset(picture, organisation_id, now)
            session.add(assets[sha256])
    session.flush()
    return assets


def file_renditions(
    session: Session, renditions: Mapping[tuple[str, str], Picture], assets: Mapping[str, Asset]
) -> None:
    """Note which asset stands in for which on a platform; one that is noted already stays."""
    noted = _noted(session, {assets[original].id for original, _ in renditions})
    for (original, platform), rendition in renditions.items():
        asset_id = assets[original].id
        if (asset_id, platform) not in noted:
            made = assets[rendition.sha256]
            session.add(Rendition(asset_id=asset_id, platform=platform, rendered_id=made.id))


def _noted(session: Session, asset_ids: Collection[int]) -> set[tuple[int, str]]:
    query = select(Rendition.asset_id, Rendition.platform).where(Rendition.asset_id.in_(asset_ids))
    return {(asset_id, platform) for asset_id, platform in session.execute(query)}


def _asset(picture: Picture, organisation_id: int, now: datetime) -> Asset:
    return Asset(
        organisation_id=organisation_id,
        sha256=picture.sha256,
        mime_type=picture.mime_type,
        size=picture.size,
        width=picture.width,
        height=picture.height,
        path=picture.path,
        created_at=now,
    )
