"""Who gets reports by mail, and that an edition goes to each of them once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from scheduler.core.mailing import LAPSES_AFTER, MailOutcome, MailState
from scheduler.store.bulk import insert_into
from scheduler.store.tables import ReportMailing, ReportRecipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A frozen report as it is mailed: the SHA-256 of its dataset, its period and closing."""

    sha256: str
    period: str
    closing: str


def recipients_of(session: Session, organisation_id: int) -> list[ReportRecipient]:
    """Who gets the weekly report now, by address."""
    open_ones = _of(organisation_id).where(ReportRecipient.removed_at.is_(None))
    return list(session.scalars(open_ones.order_by(ReportRecipient.address)))


def find_recipient(session: Session, organisation_id: int, address: str) -> ReportRecipient | None:
    """The recipient of this address in small or large letters, removed or not; who is not comes first."""
    same = func.lower(ReportRecipient.address) == address.lower()
    order = ReportRecipient.removed_at.is_not(None), ReportRecipient.address != address
    return session.scalars(_of(organisation_id).where(same).order_by(*order)).first()


def mailing_of(session: Session, recipient_id: int, edition: Edition) -> ReportMailing | None:
    """What became of the edition for this recipient."""
    return session.scalar(
        select(ReportMailing).where(
            ReportMailing.recipient_id == recipient_id, ReportMailing.edition == edition.sha256
        )
    )


def claim(
    session: Session,
    recipient_id: int,
    edition: Edition,
    *,
    again: Collection[MailState],
    now: datetime,
) -> int | None:
    """The mailing that this process alone may send now, or None; those in the states `again` are retried."""
    new = (
        insert_into(session, ReportMailing)
        .values(
            recipient_id=recipient_id,
            edition=edition.sha256,
            period=edition.period,
            closing=edition.closing,
            state=MailState.SENDING,
            tries=1,
            words="",
            started_at=now,
        )
        .on_conflict_do_nothing()
        .returning(ReportMailing.id)
    )
    retried = (
        update(ReportMailing)
        .where(
            ReportMailing.recipient_id == recipient_id,
            ReportMailing.edition == edition.sha256,
            ReportMailing.state.in_(again),
        )
        .values(state=MailState.SENDING, tries=ReportMailing.tries + 1, words="", started_at=now)
        .returning(ReportMailing.id)
    )
    return session.scalar(new) or session.scalar(retried)


def record(session: Session, mailing_id: int, outcome: MailOutcome, *, now: datetime) -> None:
    """Write down how the sending of this process ended."""
    session.execute(
        update(ReportMailing)
        .where(ReportMailing.id == mailing_id, ReportMailing.state == MailState.SENDING)
        .values(state=outcome.state, words=outcome.words, ended_at=now)
    )


def lapse(session: Session, *, now: datetime) -> None:
    """Call unknown what a process was sending when it died."""
    session.execute(
        update(ReportMailing)
        .where(ReportMailing.state == MailState.SENDING, ReportMailing.started_at < now - LAPSES_AFTER)
        .values(state=MailState.UNKNOWN, ended_at=now)
    )


def _of(organisation_id: int) -> Select[ReportRecipient]:
    return select(ReportRecipient).where(ReportRecipient.organisation_id == organisation_id)
