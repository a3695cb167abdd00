"""What was written on a report and what changed after it was closed: both only ever grow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, insert, select
from sqlalchemy.orm import Session

from scheduler.core.figures import Figure, Reason
from scheduler.store.tables import Member, ReachReport, ReportComment, ReportRestatement
from scheduler.store.turns import take_turn

Place = tuple[str, str, str, str]
"""Section, dimension, key and measure of a figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSubject:
    """What a report is about, whatever its closing."""

    organisation_id: int
    period: str
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A comment as it is stored."""

    edition: int
    section: str
    text: str
    author: str
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Restated:
    """A figure that changed, and which period's report had the old one."""

    period: str
    place: Place
    old: Figure
    new: Figure
    noticed_at: datetime


def add_remark(
    session: Session, subject: ReportSubject, *, section: str, text: str, member_id: int, now: datetime
) -> int:
    """Append a comment; the number of the edition that it makes, counted by one writer at a time."""
    take_turn(session, subject.organisation_id)
    last = session.scalar(select(func.max(ReportComment.edition)).where(_of(ReportComment, subject)))
    comment = ReportComment(
        organisation_id=subject.organisation_id,
        period=subject.period,
        scope=subject.scope,
        edition=(last or 1) + 1,
        section=section,
        text=text,
        member_id=member_id,
        written_at=now,
    )
    session.add(comment)
    session.flush()
    return comment.edition


def remarks_of(session: Session, subject: ReportSubject) -> tuple[Remark, ...]:
    """Every comment on the period's reports, the first first."""
    written = (
        select(
            ReportComment.edition,
            ReportComment.section,
            ReportComment.text,
            Member.name.label("author"),
            ReportComment.written_at,
        )
        .join(Member, Member.id == ReportComment.member_id)
        .where(_of(ReportComment, subject))
        .order_by(ReportComment.edition)
    )
    return tuple(Remark(**row) for row in session.execute(written).mappings())


def restated_figures(session: Session, subject: ReportSubject) -> dict[Place, Figure]:
    """What was last known of each figure of a period's final report that was ever restated."""
    row = ReportRestatement
    found = session.scalars(select(row).where(_of(row, subject)).order_by(row.id))
    return {_place(one): _figure(one.new_value, one.new_reason) for one in found}


def add_restatements(
    session: Session, subject: ReportSubject, kind: str, restated: Sequence[Restated]
) -> None:
    """Append what was noticed."""
    rows = [
        {
            "organisation_id": subject.organisation_id,
            "kind": kind,
            "period": subject.period,
            "scope": subject.scope,
            **dict(zip(("section", "dimension", "key", "measure"), one.place, strict=True)),
            "old_value": one.old.value,
            "old_reason": one.old.reason or "",
            "new_value": one.new.value,
            "new_reason": one.new.reason or "",
            "noticed_at": one.noticed_at,
        }
        for one in restated
    ]
    if rows:
        session.execute(insert(ReportRestatement), rows)


def noticed_since(
    session: Session, subject: ReportSubject, kind: str, since: datetime
) -> tuple[Restated, ...]:
    """What was noticed of reports of one kind and scope after `since`, in the order of periods."""
    row = ReportRestatement
    noticed = select(row).where(
        row.organisation_id == subject.organisation_id,
        row.kind == kind,
        row.scope == subject.scope,
        row.noticed_at > since,
    )
    return tuple(
        Restated(
            period=one.period,
            place=_place(one),
            old=_figure(one.old_value, one.old_reason),
            new=_figure(one.new_value, one.new_reason),
            noticed_at=one.noticed_at,
        )
        for one in session.scalars(noticed.order_by(row.period, row.id))
    )


def final_built_at(session: Session, subject: ReportSubject) -> datetime | None:
    """When the final report of the period was frozen, None before that."""
    return session.scalar(
        select(ReachReport.built_at).where(_of(ReachReport, subject), ReachReport.closing == "final")
    )


def _of(
    table: type[ReachReport | ReportComment | ReportRestatement], subject: ReportSubject
) -> ColumnElement[bool]:
    return and_(
        table.organisation_id == subject.organisation_id,
        table.period == subject.period,
        table.scope == subject.scope,
    )


def _place(row: ReportRestatement) -> Place:
    return row.section, row.dimension, row.key, row.measure


def _figure(value: int | None, reason: str) -> Figure:
    return Figure(value=value, reason=Reason(reason) if reason else None)
