"""What is to be said: posts with their texts and images, and the approvals of them."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from scheduler.store.columns import At, BigKey, Code, Identity, MaybeAt, Name, PlainText, Words
from scheduler.store.tables.declaring import AssetId, MemberId, OrganisationId, PostId, Table, VariantId


class Post(Table):
    """The editorial intent. `ref` is the centre's own name for it; `wall_at` is naive wall time.

    `zone` is an IANA name or `audience`; `revision` grows with every edit.
    """

    __tablename__ = "post"
    __table_args__ = (UniqueConstraint("organisation_id", "ref"),)
    id: Mapped[Identity]
    organisation_id: Mapped[OrganisationId]
    campaign_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("campaign.id"), index=True)
    author_id: Mapped[MemberId]
    ref: Mapped[Name]
    link: Mapped[str | None] = mapped_column(PlainText)
    wall_at: Mapped[datetime]
    zone: Mapped[Code]
    fold: Mapped[int | None]
    lateness: Mapped[Code]
    ai_generated: Mapped[bool] = mapped_column(default=False)
    paid: Mapped[bool] = mapped_column(default=False)
    affiliation: Mapped[Words] = mapped_column(default="")
    revision: Mapped[int] = mapped_column(default=1)
    source_hash: Mapped[Code]
    submitted_at: Mapped[MaybeAt]
    created_at: Mapped[At]
    variants: Mapped[list["Variant"]] = relationship(order_by="Variant.id")


class Variant(Table):
    """A post in one language; `platform` is empty, or names the platform this cut is for."""

    __tablename__ = "variant"
    __table_args__ = (UniqueConstraint("post_id", "language", "platform"),)
    id: Mapped[Identity]
    post_id: Mapped[PostId]
    language: Mapped[Code]
    platform: Mapped[Code] = mapped_column(default="")
    text: Mapped[Words]
    media: Mapped[list["VariantMedia"]] = relationship(order_by="VariantMedia.position")


class Asset(Table):
    """An image stored once by its SHA-256, metadata stripped; `path` is relative to the media folder."""

    __tablename__ = "asset"
    __table_args__ = (UniqueConstraint("organisation_id", "sha256"),)
    id: Mapped[Identity]
    organisation_id: Mapped[OrganisationId]
    sha256: Mapped[Code]
    mime_type: Mapped[Code]
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    path: Mapped[Words]
    created_at: Mapped[At]


class VariantMedia(Table):
    """Position `position` of a variant's images, with its alt text in the variant's language."""

    __tablename__ = "variant_media"
    __table_args__ = (UniqueConstraint("variant_id", "position"),)
    id: Mapped[Identity]
    variant_id: Mapped[VariantId]
    asset_id: Mapped[AssetId]
    position: Mapped[int]
    alt: Mapped[Words]
    asset: Mapped[Asset] = relationship()


class Rendition(Table):
    """The asset that stands in for another one on a platform with tighter limits; made once, then kept."""

    __tablename__ = "rendition"
    __table_args__ = (UniqueConstraint("asset_id", "platform"),)
    id: Mapped[Identity]
    asset_id: Mapped[AssetId]
    platform: Mapped[Code]
    rendered_id: Mapped[AssetId]


class Approval(Table):
    """A decision about a revision of a post: by whom, and that it was voided since."""

    __tablename__ = "approval"
    id: Mapped[Identity]
    post_id: Mapped[PostId]
    member_id: Mapped[MemberId]
    revision: Mapped[int]
    approved_at: Mapped[At]
    voided_at: Mapped[MaybeAt]
