"""The nouns of docs/nouns.md as tables. A row of `delivery` is the truth; every message is a hint."""

from datetime import date, datetime
from typing import Annotated, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    MetaData,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from scheduler.store.columns import At, BigKey, Code, Identity, Json, MaybeAt, Name, PlainText, ShortAt, Words


class Table(DeclarativeBase):
    """Declarative root with constraint names that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _to(column: str) -> Any:
    return mapped_column(BigKey, ForeignKey(column), index=True)


OrganisationId = Annotated[int, _to("organisation.id")]
MemberId = Annotated[int, _to("member.id")]
MaybeMemberId = Annotated[int | None, mapped_column(BigKey, ForeignKey("member.id"))]
ChannelId = Annotated[int, _to("channel.id")]
PostId = Annotated[int, _to("post.id")]
VariantId = Annotated[int, _to("variant.id")]
AssetId = Annotated[int, _to("asset.id")]
DeliveryId = Annotated[int, _to("delivery.id")]
GoalId = Annotated[int, _to("goal.id")]
RecipientId = Annotated[int, _to("report_recipient.id")]


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


class Delivery(Table):
    """The obligation: this variant to this channel at this time. Only store/deliveries/ writes `state`.

    `next_at` is when the planner must look at the row; `approved_hash` is empty until approved and again
    after any edit; `released_at` is when a person let a held row go on, from which lateness then counts;
    `tainted` means an attempt may have published (rule 5), and then it may be sent again
    only before `resend_before`; `stage_at` is when the planner has its invisible part laid out, None when
    there is none or it is there: `staged` says where, for content of the hash `staged_for`, last changed at
    `staged_at`; `recall_at` is when a person recalled it: whatever of it is or turns out to be live is taken
    down, and `next_at` of a published one is then the next try.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("post_id", "channel_id"),
        Index("ix_delivery_state_next_at", "state", "next_at"),
        Index("ix_delivery_organisation_due_at", "organisation_id", "due_at"),
        Index(
            "ix_delivery_lease",
            "lease_until",
            sqlite_where=text("lease_until IS NOT NULL"),
            postgresql_where=text("lease_until IS NOT NULL"),
        ),
        Index(
            "ix_delivery_stage_at",
            "stage_at",
            sqlite_where=text("stage_at IS NOT NULL"),
            postgresql_where=text("stage_at IS NOT NULL"),
        ),
    )
    id: Mapped[Identity]
    uid: Mapped[Code] = mapped_column(unique=True)
    organisation_id: Mapped[int] = mapped_column(BigKey, ForeignKey("organisation.id"))
    post_id: Mapped[int] = mapped_column(BigKey, ForeignKey("post.id"))
    variant_id: Mapped[VariantId]
    channel_id: Mapped[ChannelId]
    wall_at: Mapped[datetime]
    zone: Mapped[Code]
    fold: Mapped[int | None]
    due_at: Mapped[At]
    lateness: Mapped[Code]
    generation: Mapped[int] = mapped_column(default=1)
    key: Mapped[Code]
    approved_hash: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[Code]
    reason: Mapped[Words] = mapped_column(default="")
    next_at: Mapped[MaybeAt]
    attempts: Mapped[int] = mapped_column(default=0)
    looks: Mapped[int] = mapped_column(default=0)
    tainted: Mapped[bool] = mapped_column(default=False)
    stage_at: Mapped[MaybeAt]
    staged: Mapped[Json] = mapped_column(default=dict)
    staged_for: Mapped[str | None] = mapped_column(String(64))
    staged_at: Mapped[MaybeAt]
    staged_complete: Mapped[bool] = mapped_column(default=False)
    released_at: Mapped[MaybeAt]
    first_sent_at: Mapped[MaybeAt]
    resend_before: Mapped[MaybeAt]
    recall_at: Mapped[MaybeAt]
    claim_token: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[MaybeAt]
    created_at: Mapped[At]
    updated_at: Mapped[At]


class Attempt(Table):
    """One line of the evidence ledger (see scheduler.store.evidence.ledger.Line). Never changed."""

    __tablename__ = "attempt"
    id: Mapped[Identity]
    delivery_id: Mapped[DeliveryId]
    kind: Mapped[Code]
    state: Mapped[Code]
    reason: Mapped[Words] = mapped_column(default="")
    worker: Mapped[Name] = mapped_column(default="")
    evidence: Mapped[Json] = mapped_column(default=dict)
    at: Mapped[At]


class Publication(Table):
    """Proof that a delivery is live. Metrics hang here.

    `receipt` is what the last try to take it down came to (scheduler.core.recalls.Receipt), empty before the
    first; `recalled_at` is when it was gone. `verdict` is what reading it back came to (see
    scheduler.core.verifying), empty before that; `verify_at` is when to read it, None when that is done. A
    post proves one delivery of its channel: `remote_id` is unique there, or empty for unknown. `harvest_at`
    is when its counters are read next; `looked_at` when they last were, `shown` a fingerprint of them, and
    `still` how many looks in a row showed the same.
    """

    __tablename__ = "publication"
    __table_args__ = (
        Index("ix_publication_organisation_published_at", "organisation_id", "published_at"),
        Index(
            "ix_publication_recalled_at",
            "recalled_at",
            sqlite_where=text("recalled_at IS NOT NULL"),
            postgresql_where=text("recalled_at IS NOT NULL"),
        ),
        Index(
            "ix_publication_verify_at",
            "verify_at",
            sqlite_where=text("verify_at IS NOT NULL"),
            postgresql_where=text("verify_at IS NOT NULL"),
        ),
        Index(
            "uq_publication_channel_id_remote_id",
            "channel_id",
            "remote_id",
            unique=True,
            sqlite_where=text("remote_id <> ''"),
            postgresql_where=text("remote_id <> ''"),
        ),
    )
    id: Mapped[Identity]
    organisation_id: Mapped[int] = mapped_column(BigKey, ForeignKey("organisation.id"))
    delivery_id: Mapped[int] = mapped_column(BigKey, ForeignKey("delivery.id"), unique=True)
    post_id: Mapped[PostId]
    channel_id: Mapped[ChannelId]
    remote_id: Mapped[Words]
    url: Mapped[Words]
    confirmed_by: Mapped[Code]
    published_at: Mapped[MaybeAt]
    recalled_at: Mapped[MaybeAt]
    receipt: Mapped[Code] = mapped_column(default="")
    receipt_reason: Mapped[Words] = mapped_column(default="")
    recall_tries: Mapped[int] = mapped_column(default=0)
    harvest_at: Mapped[MaybeAt] = mapped_column(index=True)
    looked_at: Mapped[MaybeAt]
    shown: Mapped[Code] = mapped_column(default="")
    still: Mapped[int] = mapped_column(default=0)
    verify_at: Mapped[MaybeAt]
    verify_tries: Mapped[int] = mapped_column(default=0)
    verdict: Mapped[Code] = mapped_column(default="")
    verdict_reason: Mapped[Words] = mapped_column(default="")


class Pause(Table):
    """While `resumed_at` is empty nothing in scope is sent.

    `scope` is all, platform (named by `value`), channel or campaign (the row `scope_id`). A resume is asked
    for by one member and confirmed by another, unless the centre lets one resume alone.
    """

    __tablename__ = "pause"
    id: Mapped[Identity]
    organisation_id: Mapped[OrganisationId]
    scope: Mapped[Code]
    value: Mapped[Name] = mapped_column(default="")
    scope_id: Mapped[int | None] = mapped_column(BigKey)
    reason: Mapped[Words]
    member_id: Mapped[MemberId]
    paused_at: Mapped[At]
    resume_asked_by: Mapped[MaybeMemberId]
    resume_asked_at: Mapped[MaybeAt]
    resume_reason: Mapped[Words] = mapped_column(default="")
    resumed_by: Mapped[MaybeMemberId]
    resumed_at: Mapped[MaybeAt]


class Spending(Table):
    """What a channel sent at one instant: the ledger of its quotas, kept as long as the longest window."""

    __tablename__ = "spending"
    id: Mapped[Identity]
    channel_id: Mapped[ChannelId]
    at: Mapped[At] = mapped_column(index=True)
    posts: Mapped[int]
    images: Mapped[int]


class Allowance(Table):
    """What a platform said a channel or application has left until `resets_at` (see store/holding/quotas.py).

    `name` is the quota's, or says that it is a wait, or the end of the line of those that wait for a turn.
    """

    __tablename__ = "allowance"
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    remaining: Mapped[int]
    seen_at: Mapped[At]
    resets_at: Mapped[At]


class Lease(Table):
    """A role one process holds at a time (the leading planner), until it lapses."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[Name]
    until: Mapped[At]


class HarvestRun(Table):
    """One pass over the platforms' counters."""

    __tablename__ = "harvest_run"
    id: Mapped[Identity]
    organisation_id: Mapped[OrganisationId]
    started_at: Mapped[At]
    ended_at: Mapped[MaybeAt]


class ReadingCost(Table):
    """How many billed looks a centre made on a platform on one UTC day, in millionths of its currency."""

    __tablename__ = "reading_cost"
    organisation_id: Mapped[int] = mapped_column(BigKey, ForeignKey("organisation.id"), primary_key=True)
    platform: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    looks: Mapped[int] = mapped_column(default=0)
    micros: Mapped[int] = mapped_column(BigInteger, default=0)


class Reading(Table):
    """A look that happened, at a channel's audience when `publication_id` is empty. Append-only.

    `form_id` is what it has in common with others (scheduler.core.rollups.Form); `moved` are the counters
    that changed (scheduler.core.packing). On PostgreSQL each month has its own part (metrics/months.py). No
    key and no foreign keys: to look those up costs more than the reading, and what it names is never deleted.
    """

    __tablename__ = "reading"
    __table_args__ = (
        Index("ix_reading_channel_id", "channel_id"),
        Index("ix_reading_taken_at", "taken_at", postgresql_using="brin"),
        {"postgresql_partition_by": "RANGE (taken_at)"},
    )
    taken_at: Mapped[ShortAt] = mapped_column()
    channel_id: Mapped[int] = mapped_column(BigKey)
    publication_id: Mapped[int | None] = mapped_column(BigKey)
    run_id: Mapped[int]
    form_id: Mapped[int]
    moved: Mapped[bytes]
    __mapper_args__ = {"primary_key": [taken_at, channel_id, publication_id]}  # noqa: RUF012 - as declared


class ReachReport(Table):
    """A frozen dataset of a period. The same period, scope and closing has one row, whoever builds it."""

    __tablename__ = "reach_report"
    __table_args__ = (UniqueConstraint("organisation_id", "period", "scope", "closing"),)
    id: Mapped[Identity]
    organisation_id: Mapped[OrganisationId]
    period: Mapped[Code]
    scope: Mapped[Name] = mapped_column(default="")
    closing: Mapped[Code]
    cut_off_at: Mapped[At]
    dataset: Mapped[Words]
    dataset_hash: Mapped[Code]
    built_at: Mapped[At]


class ReportComment(Table):
    """What a member wrote under a section of a period's reports. Append-only: each makes an edition."""

    __tablename__ = "report_comment"
    __table_args__ = (UniqueConstraint("organisation_id", "period", "scope", "edition"),)
    id: Mapped[Identity]
    organisation_id: Mapped[OrganisationId]
    period: Mapped[Code]
    scope: Mapped[Name]
    edition: Mapped[int]
    section: Mapped[Code]
    text: Mapped[Words]
    member_id: Mapped[MemberId]
    written_at: Mapped[At]


class ReportRestatement(Table):
    """A figure of a final report that was another one at `noticed_at`; a value without number has a reason.

    Append-only, and the report stays as it is: `old` is what was last known of it, frozen or restated.
    """

    __tablename__ = "report_restatement"
    __table_args__ = (Index("ix_report_restatement_period", "organisation_id", "period", "scope"),)
    id: Mapped[Identity]
    organisation_id: Mapped[OrganisationId]
    kind: Mapped[Code]
    period: Mapped[Code]
    scope: Mapped[Name]
    section: Mapped[Code]
    dimension: Mapped[Code]
    key: Mapped[Words]
    measure: Mapped[Name]
    old_value: Mapped[int | None] = mapped_column(BigInteger)
    old_reason: Mapped[Code]
    new_value: Mapped[int | None] = mapped_column(BigInteger)
    new_reason: Mapped[Code]
    noticed_at: Mapped[At]


class Goal(Table):
    """What a centre aims at in a calendar year (see scheduler.core.goals.Aim); GoalTarget says how high."""

    __tablename__ = "goal"
    __table_args__ = (UniqueConstraint("organisation_id", "year", "measure", "dimension", "key"),)
    id: Mapped[Identity]
    organisation_id: Mapped[OrganisationId]
    year: Mapped[int]
    measure: Mapped[Name]
    dimension: Mapped[Code]
    key: Mapped[Name] = mapped_column(default="")


class GoalTarget(Table):
    """What a goal's target was set to, by whom and why. Append-only: the last one holds; None withdrew it.

    `phases` are the shares of the quarters or months in ten-thousandths, none for an even year.
    """

    __tablename__ = "goal_target"
    id: Mapped[Identity]
    goal_id: Mapped[GoalId]
    target: Mapped[int | None] = mapped_column(BigInteger)
    phases: Mapped[list[int]] = mapped_column(JSON, default=list)
    reason: Mapped[Words] = mapped_column(default="")
    member_id: Mapped[MemberId]
    set_at: Mapped[At]


class GoalFreeze(Table):
    """What had been reached of a goal at a moment of its year. Written once, never changed.

    `value` is what was counted before `as_of`, None for the reason `missing`; it covers `known` of the `of`
    channels that could report it. `definitions` name each metric and its version.
    """

    __tablename__ = "goal_freeze"
    __table_args__ = (UniqueConstraint("goal_id", "moment"),)
    id: Mapped[Identity]
    goal_id: Mapped[GoalId]
    moment: Mapped[Code]
    as_of: Mapped[At]
    target: Mapped[int] = mapped_column(BigInteger)
    plan: Mapped[int | None] = mapped_column(BigInteger)
    value: Mapped[int | None] = mapped_column(BigInteger)
    missing: Mapped[Code] = mapped_column(default="")
    known: Mapped[int]
    of: Mapped[int]
    definitions: Mapped[list[str]] = mapped_column(JSON, default=list)
    member_id: Mapped[MemberId]
    frozen_at: Mapped[At]


class ReportRecipient(Table):
    """Somebody who gets the weekly report by mail. One who was removed stays, with what was sent."""

    __tablename__ = "report_recipient"
    __table_args__ = (UniqueConstraint("organisation_id", "address"),)
    id: Mapped[Identity]
    organisation_id: Mapped[OrganisationId]
    address: Mapped[Name]
    language: Mapped[Code]
    formats: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[At]
    removed_at: Mapped[MaybeAt]


class ReportMailing(Table):
    """What became of one edition of a report for one recipient; `edition` is the SHA-256 of its dataset."""

    __tablename__ = "report_mailing"
    __table_args__ = (UniqueConstraint("recipient_id", "edition"),)
    id: Mapped[Identity]
    recipient_id: Mapped[RecipientId]
    edition: Mapped[Code]
    period: Mapped[Code]
    closing: Mapped[Code]
    state: Mapped[Code]
    tries: Mapped[int]
    words: Mapped[Words] = mapped_column(default="")
    started_at: Mapped[At]
    ended_at: Mapped[MaybeAt]


class ManualReading(Table):
    """A figure that a member entered for whole days. Append-only: the last one of the same days holds."""

    __tablename__ = "manual_reading"
    id: Mapped[Identity]
    channel_id: Mapped[ChannelId]
    metric: Mapped[Code]
    definition: Mapped[Code]
    first_day: Mapped[date]
    last_day: Mapped[date]
    value: Mapped[int] = mapped_column(BigInteger)
    post_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("post.id"), index=True)
    source: Mapped[Words]
    member_id: Mapped[MemberId]
    entered_at: Mapped[At]
