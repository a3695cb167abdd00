"""What has to be sent, the evidence of it, and what holds it back. A row of `delivery` is the truth."""

from datetime import datetime

from sqlalchemy import Computed, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.store.columns import At, BigKey, Code, Identity, Json, MaybeAt, Name, Words
from scheduler.store.tables.declaring import (
    ChannelId,
    DeliveryId,
    MaybeMemberId,
    MemberId,
    OrganisationId,
    PostId,
    Table,
    VariantId,
)

PHASE = "CASE WHEN state IN ('claimed', 'sending') THEN 'ready' ELSE state END"
"""The state as indexes know it: on its way out a delivery moves through three of them within a second, and
PostgreSQL leaves the indexes of a row alone whose indexed columns are as before."""


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
        Index("ix_delivery_phase_next_at", "phase", "next_at"),
        Index("ix_delivery_organisation_due_at", "organisation_id", "due_at"),
        Index(
            "ix_delivery_stage_at",
            "stage_at",
            sqlite_where=text("stage_at IS NOT NULL"),
            postgresql_where=text("stage_at IS NOT NULL"),
        ),
        {"postgresql_with": {"fillfactor": 50}},
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
    phase: Mapped[Code] = mapped_column(Computed(PHASE, persisted=True), deferred=True)
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


class Decided(Table):
    """One line each time that people decided something that bears on what is sent. Never changed.

    `what` is the command. A journal knows the `uid`s, so that a database that lacks one is found out.
    """

    __tablename__ = "decided"
    id: Mapped[Identity]
    uid: Mapped[Code] = mapped_column(unique=True)
    what: Mapped[Code]
    at: Mapped[At]


class Lease(Table):
    """A role one process holds at a time (the leading planner), until it lapses."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[Name]
    until: Mapped[At]
