"""The centre, its people, its channels with their secrets, and its campaigns."""

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.store.columns import At, BigKey, Code, Identity, Json, MaybeAt, Name, Words
from scheduler.store.tables.declaring import OrganisationId, Table


class Organisation(Table):
    """A centre. `uid` is random and lasts: idempotency keys are derived from it."""

    __tablename__ = "organisation"
    id: Mapped[Identity]
    uid: Mapped[Code]
    name: Mapped[Name]
    time_zone: Mapped[Code]
    self_approval: Mapped[bool] = mapped_column(default=False)
    self_resuming: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[At]


class Member(Table):
    """A person of the centre."""

    __tablename__ = "member"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)
    id: Mapped[Identity]
    organisation_id: Mapped[OrganisationId]
    name: Mapped[Name]
    role: Mapped[Code]
    created_at: Mapped[At]


class Channel(Table):
    """One account on one platform. `sets` are names for selectors; `limits` what the platform told us.

    `application` names the bot or app whose quotas it shares, where the platform counts by one; `spacing_s`
    is the least time between two of its posts.
    """

    __tablename__ = "channel"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)
    id: Mapped[Identity]
    organisation_id: Mapped[OrganisationId]
    name: Mapped[Name]
    platform: Mapped[Code]
    base_url: Mapped[Words]
    handle: Mapped[Name]
    language: Mapped[Code]
    region: Mapped[Code]
    time_zone: Mapped[Code]
    operator: Mapped[Name]
    sets: Mapped[list[str]] = mapped_column(JSON, default=list)
    remote_id: Mapped[Words] = mapped_column(default="")
    title: Mapped[Words] = mapped_column(default="")
    url: Mapped[Words] = mapped_column(default="")
    limits: Mapped[Json] = mapped_column(default=dict)
    application: Mapped[Code] = mapped_column(default="")
    spacing_s: Mapped[int | None]
    connected_at: Mapped[MaybeAt]
    created_at: Mapped[At]


class Credential(Table):
    """The encrypted secret of a channel; `lease_*` lets one worker at a time renew it."""

    __tablename__ = "credential"
    id: Mapped[Identity]
    channel_id: Mapped[int] = mapped_column(BigKey, ForeignKey("channel.id"), unique=True)
    ciphertext: Mapped[Words]
    health: Mapped[Code] = mapped_column(default="ok")
    expires_at: Mapped[MaybeAt]
    lease_token: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[MaybeAt]
    updated_at: Mapped[At]


class Campaign(Table):
    """A named set of posts."""

    __tablename__ = "campaign"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)
    id: Mapped[Identity]
    organisation_id: Mapped[OrganisationId]
    name: Mapped[Name]
    created_at: Mapped[At]
