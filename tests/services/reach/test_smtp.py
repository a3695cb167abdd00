"""Mail over TLS: the password goes to a server that proved itself and to nobody else, and into no error."""

import base64
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from scheduler.core.mailing import MailState
from scheduler.i18n import translator
from scheduler.services.reach.smtp import MailServer, in_words
from tests.servers.certificates import self_signed
from tests.servers.ports import free_port

USER, SECRET = "reports", "a-password-nobody-reads"


class Desk:
    """What the server took: who logged in, and which letters."""

    def __init__(self) -> None:
        self.logged_in: list[tuple[bytes, bytes]] = []
        self.letters: list[bytes] = []
        self.echoes = False

    def authenticate(self, *place: Any) -> AuthResult:
        found: LoginPassword = place[-1]
        self.logged_in.append((found.login, found.password))
        if self.echoes:
            plain = base64.b64encode(f"\0{USER}\0{SECRET}".encode()).decode()
            return AuthResult(success=False, handled=False, message=f"535 no: {SECRET} {plain}")
        return AuthResult(success=True)

    async def handle_DATA(self, *place: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        self.letters.append(place[-1].content)
        return "250 taken"


@pytest.fixture
def desk() -> Desk:
    return Desk()


@contextmanager
def serving(desk: Desk, security: str, certificate: Path | None) -> Iterator[MailServer]:
    """A server with this certificate; without one it knows no TLS."""
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    implicit = security == "tls"
    port = free_port()
    controller = Controller(
        desk,
        hostname="127.0.0.1",
        port=port,
        authenticator=desk.authenticate,
        auth_require_tls=False,
        ssl_context=context if implicit else None,
        tls_context=None if implicit else context,
    )
    controller.start()
    try:
        yield MailServer(
            host="127.0.0.1",
            port=port,
            security=security,
            sender="reports@example.org",
            user=USER,
            password=SECRET,
            timeout_s=5,
        )
    finally:
        controller.stop()


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "reports@example.org", "director@example.org"
    message.set_content("The week in short.")
    return message


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_letter_goes_over_tls_to_a_server_that_is_vouched_for(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    certificate = self_signed(tmp_path / "server.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(desk, security, certificate) as server:
        assert server.deliver(letter()).state is MailState.SENT
    assert desk.logged_in == [(USER.encode(), SECRET.encode())]
    [taken] = desk.letters
    assert b"The week in short." in taken


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("trusted", "wrong", "said"),
    [
        (False, {}, "self-signed"),
        (True, {"address": "127.0.0.2"}, "IP address mismatch"),
        (True, {"valid_for": timedelta(hours=-1)}, "expired"),
    ],
)
def test_a_wrong_certificate_is_told_in_words_and_gets_neither_password_nor_letter(
    desk: Desk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    security: str,
    trusted: bool,
    wrong: dict[str, Any],
    said: str,
) -> None:
    certificate = self_signed(tmp_path / "server.pem", **wrong)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(desk, security, certificate) as server:
        outcome = server.deliver(letter())
    assert outcome.state is MailState.DEFERRED
    assert "certificate of 127.0.0.1 is not accepted" in outcome.words
    assert said in outcome.words
    assert in_words(outcome.words, translator("zh-CN")).startswith("不接受 127.0.0.1 的证书：")
    assert said in in_words(outcome.words, translator("zh-CN"))
    assert (desk.logged_in, desk.letters) == ([], [])


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("127.0.0.1", "127.0.0.1 的 {port} 端口无人接收邮件"),
        ("no mail here", "没有名为 no mail here 的邮件服务器"),
        ("mail..example", "没有名为 mail..example 的邮件服务器"),
    ],
)
def test_where_no_mail_can_be_handed_in_is_said_in_the_reader_s_words(host: str, said: str) -> None:
    port = free_port()
    server = MailServer(host=host, port=port, security="none", sender="reports@example.org", timeout_s=5)
    outcome = server.deliver(letter())
    assert outcome.state is MailState.DEFERRED
    assert said.format(port=port) in in_words(outcome.words, translator("zh-CN"))


def test_a_server_that_expects_no_tls_is_named_with_the_setting(desk: Desk) -> None:
    with serving(desk, "none", None) as server:
        outcome = replace(server, security="tls").deliver(letter())
    assert outcome.state is MailState.DEFERRED
    assert f"端口 {server.port}）不使用 TLS" in in_words(outcome.words, translator("zh-CN"))


def test_a_server_without_starttls_gets_neither_password_nor_letter(desk: Desk) -> None:
    with serving(desk, "starttls", None) as server:
        outcome = server.deliver(letter())
    assert (outcome.state, "STARTTLS" in outcome.words) == (MailState.DEFERRED, True)
    assert (desk.logged_in, desk.letters) == ([], [])


def test_a_password_is_in_no_error_even_where_the_server_repeats_it(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path / "server.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    desk.echoes = True
    with serving(desk, "tls", certificate) as server:
        outcome = server.deliver(letter())
        foreign = MailServer(
            host=server.host,
            port=server.port,
            security="tls",
            sender=server.sender,
            user=USER,
            password="密码",
        )
        unsendable = foreign.deliver(letter())
    assert desk.logged_in
    assert "535 no" in outcome.words
    assert SECRET not in outcome.words
    assert base64.b64encode(f"\0{USER}\0{SECRET}".encode()).decode() not in outcome.words
    assert unsendable.state is MailState.DEFERRED
    assert "does not carry" in unsendable.words
    assert "密" not in unsendable.words
