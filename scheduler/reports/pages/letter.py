"""The letter that brings a report: the week in short, in text and HTML, and the files."""

import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from scheduler.core.wording import N_
from scheduler.reports.dataset import Measured, ReachDataset, Section
from scheduler.reports.figures import settling
from scheduler.reports.freezing import FrozenReport
from scheduler.reports.pages.html import environment
from scheduler.reports.words import labels
from scheduler.reports.words.summary import lead, title
from scheduler.reports.words.wording import Words

TOLD = (
    (Section.OUTPUT, "publications"),
    (Section.RESPONSES, "responses"),
    (Section.AUDIENCE, "followers"),
)
ATTACHED = N_("The whole report is attached: {files}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """From whom, to whom and when (aware UTC), under which Message-ID."""

    sender: str
    recipient: str
    sent_at: datetime
    message_id: str


@dataclass(frozen=True, slots=True)
class Line:
    """A key figure in words."""

    name: str
    now: str
    change: str


def write_letter(
    report: FrozenReport, language: str, files: Mapping[str, bytes], envelope: Envelope
) -> EmailMessage:
    """The message in this language; the same report and envelope give the same text."""
    data, words = report.dataset, Words(language)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = " ".join(_subject(data, words).split())
    message["From"], message["To"] = envelope.sender, envelope.recipient
    message["Date"], message["Message-ID"] = format_datetime(envelope.sent_at), envelope.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_text(data, words, files))
    page = (
        environment()
        .get_template("letter.html.j2")
        .render(
            data=data,
            words=words,
            _=words.say,
            title=_title(data, words),
            lead=lead(data, words),
            lines=list(_lines(data, words)),
            attached=_attached(words, files),
        )
    )
    message.add_alternative(page, subtype="html")
    for name, content in files.items():
        kind, _, detail = (mimetypes.guess_type(name)[0] or "application/octet-stream").partition("/")
        message.add_attachment(content, maintype=kind, subtype=detail, filename=name)
    return message


def _title(data: ReachDataset, words: Words) -> str:
    return f"{title(data, words)} {words.isolate(words.period(data.period.name))}"


def _subject(data: ReachDataset, words: Words) -> str:
    return f"{_title(data, words)} ({words.say(labels.CLOSINGS[data.closing])}) · {data.organisation}"


def _text(data: ReachDataset, words: Words, files: Iterable[str]) -> str:
    figures = [words.headed(line.name, f"{line.now} {line.change}".rstrip()) for line in _lines(data, words)]
    closing = words.join([words.say(labels.CLOSING_NOTES[data.closing]), *settling.notes(data, words)])
    days = words.days(data.period.first_day, data.period.last_day)
    parts = [
        data.organisation,
        _title(data, words),
        days,
        closing,
        "",
        lead(data, words),
        "",
        *figures,
    ]
    return "\n".join([*parts, "", _attached(words, files)])


def _attached(words: Words, files: Iterable[str]) -> str:
    named = words.listed(files)
    return words.say(ATTACHED, files=named) if named else ""


def _lines(data: ReachDataset, words: Words) -> Iterable[Line]:
    for section, name in TOLD:
        measured = data.total(section)[name]
        label = words.measure(name) + settling.total_mark(data, section)
        yield Line(label, words.figure(measured.now), _change(measured, words))


def _change(measured: Measured, words: Words) -> str:
    change = measured.change
    return words.signed(change.value) if change is not None and change.value is not None else ""
