"""Reports by mail: who gets them, and each edition to each of them once."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from functools import cache
from typing import Protocol

from scheduler.core.mailing import MailOutcome, MailState
from scheduler.core.problems import Refused, refuse
from scheduler.core.roles import Person, Right
from scheduler.core.wording import N_
from scheduler.i18n import say
from scheduler.reports.dataset import Closing
from scheduler.reports.freezing import FrozenReport
from scheduler.reports.pages.letter import Envelope, write_letter
from scheduler.reports.rendering import file_name, render
from scheduler.services.reach.renderings import require_files
from scheduler.services.runtime import Runtime
from scheduler.store.reach.mailings import (
    Edition,
    claim,
    find_recipient,
    lapse,
    mailing_of,
    recipients_of,
    record,
)
from scheduler.store.tables import ReportRecipient

LONGEST_ADDRESS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody who gets the weekly report, in a language, with files of these formats."""

    address: str
    language: str
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailed:
    """What became of an edition for one recipient; `tried` when this run tried to send it."""

    address: str
    state: MailState
    words: str
    tried: bool


class Carrier(Protocol):
    """How mail leaves the house."""

    @property
    def sender(self) -> str:
        """The address that it comes from."""
        ...

    def deliver(self, message: EmailMessage) -> MailOutcome:
        """Hand in a message for its one recipient."""
        ...


def add_recipient(runtime: Runtime, wanted: Recipient, *, by: Person) -> None:
    """Send the weekly report to this address from now on, or change how; Refused when it cannot be."""
    by.require(Right.MAIL)
    _check(wanted)
    with runtime.begin() as session:
        found = find_recipient(session, runtime.organisation_id, wanted.address)
        row = found or ReportRecipient(
            organisation_id=runtime.organisation_id, address=wanted.address, created_at=runtime.clock.now()
        )
        row.language, row.formats, row.removed_at = wanted.language, list(wanted.formats), None
        session.add(row)


def remove_recipient(runtime: Runtime, address: str, *, by: Person) -> None:
    """Send this address nothing more; what was sent to it stays on record."""
    by.require(Right.MAIL)
    with runtime.begin() as session:
        found = find_recipient(session, runtime.organisation_id, address)
        if found is None or found.removed_at:
            raise refuse(N_("{address} gets no report"), address=address)
        found.removed_at = runtime.clock.now()


def list_recipients(runtime: Runtime) -> list[Recipient]:
    """Who gets the weekly report, by address."""
    with runtime.begin() as session:
        return [
            Recipient(address=row.address, language=row.language, formats=tuple(row.formats))
            for row in recipients_of(session, runtime.organisation_id)
        ]


def send_report(
    runtime: Runtime, report: FrozenReport, carrier: Carrier, *, again: Collection[MailState]
) -> list[Mailed]:
    """Mail a frozen report to everybody who has not had it; one who cannot be reached stops nobody else."""
    if report.dataset.closing is Closing.PREVIEW:
        raise refuse(N_("week {week} still runs: a preview is not sent"), week=report.dataset.period.name)
    return list(_send(runtime, report, carrier, again))


def _send(
    runtime: Runtime, report: FrozenReport, carrier: Carrier, again: Collection[MailState]
) -> Iterator[Mailed]:
    data = report.dataset
    edition = Edition(sha256=report.sha256, period=data.period.name, closing=data.closing)
    rendered = cache(lambda name, language: render(report, name, language))
    with runtime.begin() as session:
        lapse(session, now=runtime.clock.now())
        recipients = recipients_of(session, runtime.organisation_id)
    for row in recipients:
        with runtime.begin() as session:
            mailing = claim(session, row.id, edition, again=again, now=runtime.clock.now())
        if mailing is not None:
            try:
                files = {
                    file_name(report, name, row.language): rendered(name, row.language)
                    for name in row.formats
                }
            except Refused as refused:
                outcome = MailOutcome(MailState.DEFERRED, say(refused.problems[0], str))
            else:
                envelope = _envelope(row, report, carrier.sender, runtime.clock.now())
                outcome = carrier.deliver(write_letter(report, row.language, files, envelope))
            with runtime.begin() as session:
                record(session, mailing, outcome, now=runtime.clock.now())
        yield _told(runtime, row, edition, tried=mailing is not None)


def _envelope(row: ReportRecipient, report: FrozenReport, sender: str, now: datetime) -> Envelope:
    """The Message-ID is the edition's and the recipient's own: a mailbox can tell what came twice."""
    name = f"{report.sha256[:32]}.{row.id}@{sender.rpartition('@')[2]}"
    return Envelope(sender=sender, recipient=row.address, sent_at=now, message_id=f"<{name}>")


def _told(runtime: Runtime, row: ReportRecipient, edition: Edition, *, tried: bool) -> Mailed:
    with runtime.begin() as session:
        mailing = mailing_of(session, row.id, edition)
        state, words = (MailState(mailing.state), mailing.words) if mailing else (MailState.DEFERRED, "")
    return Mailed(address=row.address, state=state, words=words, tried=tried)


def _check(wanted: Recipient) -> None:
    if not _is_address(wanted.address):
        raise refuse(N_("{address} is no mail address"), address=wanted.address)
    require_files(wanted.formats, wanted.language)


def _is_address(text: str) -> bool:
    try:
        parsed = Address(addr_spec=text)
    except (MessageError, ValueError, IndexError):
        return False
    return bool(parsed.username and parsed.domain) and text.isascii() and len(text) <= LONGEST_ADDRESS
