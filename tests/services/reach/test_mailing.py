"""A report goes to each recipient once, whatever the mail server does, and what is not known is said."""

import socket
import threading
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from io import BytesIO
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from openpyxl import load_workbook

from scheduler.core.mailing import BY_A_PERSON, ON_SCHEDULE, ONCE_MORE, MailOutcome, MailState
from scheduler.core.problems import Refused
from scheduler.core.weeks import Week
from scheduler.reports.freezing import FrozenReport
from scheduler.services.members import find_member
from scheduler.services.reach.mailing import (
    Recipient,
    add_recipient,
    list_recipients,
    remove_recipient,
    send_report,
)
from scheduler.services.reach.reporting import weekly_report
from scheduler.services.reach.smtp import MailServer
from scheduler.services.runtime import Runtime
from scheduler.testing import FakeClock
from tests.conftest import START
from tests.reports.books import set_up_at
from tests.servers.ports import free_port

CHINESE = Recipient(address="zhuren@example.org", language="zh-CN", formats=("xlsx", "json"))
ARABIC = Recipient(address="mudir@example.org", language="ar", formats=())
ENGLISH = Recipient(address="director@example.org", language="en", formats=("csv",))
SECRET = "a-password-nobody-reads"


class Box:
    """A mailbox that may refuse an address, by a code."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refuses: dict[str, str] = {}

    async def handle_RCPT(self, *place: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        *_, envelope, address, _options = place
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, *place: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        envelope: Envelope = place[-1]
        found = message_from_bytes(envelope.original_content or b"", policy=default)
        assert isinstance(found, EmailMessage)
        self.messages.append(found)
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self.messages if message["To"] == address]


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def carrier(box: Box) -> Iterator[MailServer]:
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield carrier_at(controller.port)
    controller.stop()


def carrier_at(port: int, *, timeout_s: float = 5) -> MailServer:
    return MailServer(
        host="127.0.0.1", port=port, security="none", sender="reports@example.org", timeout_s=timeout_s
    )


@pytest.fixture
def report(runtime: Runtime) -> FrozenReport:
    """The flash of the empty week before, with all three recipients on the list."""
    for recipient in (CHINESE, ARABIC, ENGLISH):
        add_recipient(runtime, recipient, by=find_member(runtime, "Lin"))
    set_up_at(runtime, START - timedelta(days=30))
    return weekly_report(runtime)


class Dying:
    """Dies while it sends."""

    sender = "reports@example.org"

    def deliver(self, message: EmailMessage) -> MailOutcome:
        raise KeyboardInterrupt(message["To"])


def states(
    runtime: Runtime, report: FrozenReport, carrier: MailServer, again: Collection[MailState] = BY_A_PERSON
) -> dict[str, MailState]:
    done = send_report(runtime, report, carrier, again=again)
    return {one.address: one.state for one in done}


def test_each_gets_it_once_in_their_language_with_their_files(
    runtime: Runtime, report: FrozenReport, carrier: MailServer, box: Box
) -> None:
    assert set(states(runtime, report, carrier).values()) == {MailState.SENT}
    states(runtime, report, carrier)
    states(runtime, report, carrier, again=ONCE_MORE)
    assert len(box.messages) == 3
    [chinese], [arabic] = box.to(CHINESE.address), box.to(ARABIC.address)
    assert "传播周报" in chinese["Subject"]
    letter = chinese.get_body(("plain",))
    assert letter is not None
    assert "互动：" in letter.get_content()
    assert "日." not in letter.get_content()
    files = {part.get_filename(): part.get_content() for part in chinese.iter_attachments()}
    week = report.dataset.period.name
    assert list(files) == [f"postroad-weekly-{week}.zh-CN.xlsx", f"postroad-weekly-{week}.json"]
    assert load_workbook(BytesIO(files[f"postroad-weekly-{week}.zh-CN.xlsx"])).worksheets
    assert bytes(files[f"postroad-weekly-{week}.json"]) == report.text.encode()
    page = arabic.get_body(("html",))
    assert page is not None
    assert 'dir="rtl"' in page.get_content()
    assert not list(arabic.iter_attachments())


def test_the_final_edition_is_another_letter(
    runtime: Runtime, report: FrozenReport, carrier: MailServer, box: Box, clock: FakeClock
) -> None:
    states(runtime, report, carrier)
    clock.advance(timedelta(days=3))
    states(runtime, weekly_report(runtime, Week.parse(report.dataset.period.name)), carrier)
    assert [len(box.to(one.address)) for one in (CHINESE, ARABIC, ENGLISH)] == [2, 2, 2]


def test_one_who_is_refused_or_deferred_stops_nobody_and_is_tried_as_the_answer_allows(
    runtime: Runtime, report: FrozenReport, carrier: MailServer, box: Box
) -> None:
    box.refuses = {CHINESE.address: "550 no such mailbox", ENGLISH.address: "451 later"}
    assert states(runtime, report, carrier) == {
        CHINESE.address: MailState.REFUSED,
        ENGLISH.address: MailState.DEFERRED,
        ARABIC.address: MailState.SENT,
    }
    box.refuses = {}
    again = states(runtime, report, carrier, again=ON_SCHEDULE)
    assert again[ENGLISH.address] is MailState.SENT
    assert again[CHINESE.address] is MailState.REFUSED
    assert states(runtime, report, carrier)[CHINESE.address] is MailState.SENT
    assert len(box.messages) == 3


def test_a_server_that_cannot_be_reached_has_sent_nothing(runtime: Runtime, report: FrozenReport) -> None:
    assert set(states(runtime, report, carrier_at(free_port())).values()) == {MailState.DEFERRED}


def test_no_answer_to_the_message_is_not_known_and_is_not_repeated_unasked(
    runtime: Runtime, report: FrozenReport, carrier: MailServer, box: Box
) -> None:
    with silent_server() as port:
        doubtful = states(runtime, report, carrier_at(port, timeout_s=0.5))
    assert set(doubtful.values()) == {MailState.UNKNOWN}
    assert states(runtime, report, carrier) == doubtful
    assert not box.messages
    assert set(states(runtime, report, carrier, again=ONCE_MORE).values()) == {MailState.SENT}


def test_what_a_dead_process_was_sending_is_not_known(
    runtime: Runtime, report: FrozenReport, carrier: MailServer, box: Box, clock: FakeClock
) -> None:
    with pytest.raises(KeyboardInterrupt):
        send_report(runtime, report, Dying(), again=BY_A_PERSON)
    sent = states(runtime, report, carrier)
    first = min(sent)
    assert sent.pop(first) is MailState.SENDING
    assert set(sent.values()) == {MailState.SENT}
    clock.advance(timedelta(hours=1))
    assert states(runtime, report, carrier)[first] is MailState.UNKNOWN
    assert not box.to(first)


def test_who_is_removed_gets_nothing_and_a_preview_goes_to_nobody(
    runtime: Runtime, report: FrozenReport, carrier: MailServer, box: Box, clock: FakeClock
) -> None:
    lin = find_member(runtime, "Lin")
    remove_recipient(runtime, CHINESE.address, by=lin)
    assert [one.address for one in list_recipients(runtime)] == [ENGLISH.address, ARABIC.address]
    states(runtime, report, carrier)
    assert not box.to(CHINESE.address)
    add_recipient(runtime, ENGLISH, by=lin)
    remove_recipient(runtime, ENGLISH.address, by=lin)
    add_recipient(runtime, ENGLISH, by=lin)
    states(runtime, report, carrier)
    assert len(box.to(ENGLISH.address)) == 1
    with pytest.raises(Refused, match=r"2026-W47"):
        states(runtime, weekly_report(runtime, Week.parse("2026-W47")), carrier)


def test_an_address_in_other_letters_is_the_same_recipient(runtime: Runtime, report: FrozenReport) -> None:
    """Until 2026-11-23 Director@Example.org got a second letter beside director@example.org."""
    lin = find_member(runtime, "Lin")
    add_recipient(runtime, Recipient(address="Director@Example.org", language="ar", formats=("pdf",)), by=lin)
    told = {one.address: (one.language, one.formats) for one in list_recipients(runtime)}
    assert len(told) == 3
    assert told[ENGLISH.address] == ("ar", ("pdf",))
    remove_recipient(runtime, "DIRECTOR@example.org", by=lin)
    assert len(list_recipients(runtime)) == 2


@pytest.mark.parametrize(
    ("recipient", "named"),
    [
        (Recipient(address="no address", language="en", formats=()), "no address"),
        (Recipient(address="a@b.c\r\nBcc: x@y.z", language="en", formats=()), "Bcc"),
        (Recipient(address="a@b.c", language="tlh", formats=()), "tlh"),
        (Recipient(address="a@b.c", language="en", formats=("doc",)), "doc"),
    ],
)
def test_what_cannot_be_mailed_is_refused_by_name(runtime: Runtime, recipient: Recipient, named: str) -> None:
    with pytest.raises(Refused) as refused:
        add_recipient(runtime, recipient, by=find_member(runtime, "Lin"))
    assert named in str(refused.value.problems[0].params)


def test_the_password_is_in_no_repr() -> None:
    server = MailServer(
        host="h", port=1, security="tls", sender="a@b.c", user="u", password=SECRET, timeout_s=1
    )
    assert SECRET not in repr(server)


@contextmanager
def silent_server() -> Iterator[int]:
    """Takes every message to its end and then says nothing."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        threading.Thread(target=_take, args=[listening], daemon=True).start()
        yield listening.getsockname()[1]


def _take(listening: socket.socket) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_talk, args=[connection], daemon=True).start()


def _talk(connection: socket.socket) -> None:
    with connection, connection.makefile("rwb") as wire:
        wire.write(b"220 ready\r\n")
        wire.flush()
        for line in wire:
            data = line.upper().startswith(b"DATA")
            wire.write(b"354 go on\r\n" if data else b"250 OK\r\n")
            wire.flush()
            if data:
                while wire.readline():
                    pass
