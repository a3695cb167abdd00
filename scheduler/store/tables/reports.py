"""Reports as they were frozen, what was said of them since, and who gets them."""

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.store.columns import At, Code, Identity, MaybeAt, Name, Words
from scheduler.store.tables.declaring import MemberId, OrganisationId, RecipientId, Table


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
