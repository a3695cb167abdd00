"""One message to one mail server, with an outcome that never claims more than is known."""

import base64
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP

from scheduler.core.mailing import MailOutcome, MailState
from scheduler.core.wording import N_
from scheduler.i18n import Translate, say_reason

GO_ON, DONE = 354, 250
LONGEST_WORDS = 300
UNTRUSTED = N_("the certificate of {host} is not accepted: {why}")
NOT_ASCII = N_("the mail server's user or password has characters that SMTP does not carry")
CLOSED = N_("nothing takes mail at {host}, port {port}: is the mail server running, and is this its port?")
UNKNOWN_HOST = N_("there is no mail server called {host}, or this machine cannot look up its name")
SILENT = N_("the mail server {host}, port {port}, does not answer")
NO_TLS = N_(
    "the mail server {host}, port {port}, does not speak TLS: {why}; is POSTROAD_SMTP_SECURITY right?"
)
BROKEN_OFF = N_("the connection to the mail server {host}, port {port}, broke off: {why}")
UNREACHABLE: tuple[tuple[type[Exception], str], ...] = (
    (ConnectionRefusedError, CLOSED),
    (socket.gaierror, UNKNOWN_HOST),
    (UnicodeError, UNKNOWN_HOST),
    (TimeoutError, SILENT),
    (ssl.SSLError, NO_TLS),
)
HIDDEN = "***"
SENTENCES = (UNTRUSTED, CLOSED, UNKNOWN_HOST, SILENT, NO_TLS, BROKEN_OFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed in; `security` is `starttls`, `tls` or `none`. The password is in no repr."""

    host: str
    port: int
    security: str
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_s: float = 60

    def deliver(self, message: EmailMessage) -> MailOutcome:
        """Hand in a message for its one recipient.

        Only a server that took the message and then never answered leaves the outcome UNKNOWN: before the
        first byte of the message nothing can have been sent. Its words never hold the password.
        """
        outcome = self._try(message)
        return MailOutcome(outcome.state, self._hide(outcome.words)[:LONGEST_WORDS])

    def _try(self, message: EmailMessage) -> MailOutcome:
        try:
            with self._connected() as smtp:
                refusal = self._announce(smtp, message)
                return refusal or _hand_over(smtp, message)
        except smtplib.SMTPServerDisconnected as error:
            return MailOutcome(MailState.DEFERRED, self._explain(error))
        except smtplib.SMTPException as error:
            return MailOutcome(MailState.DEFERRED, _words(error))
        except (OSError, UnicodeError) as error:
            return MailOutcome(MailState.DEFERRED, self._explain(error))

    def _explain(self, error: Exception) -> str:
        """Why no mail could be handed in there, in a sentence that `in_words` knows."""
        if isinstance(error, ssl.SSLCertVerificationError):
            return UNTRUSTED.format(host=self.host, why=error.verify_message)
        said = next((words for kind, words in UNREACHABLE if isinstance(error, kind)), BROKEN_OFF)
        return said.format(host=self.host, port=self.port, why=getattr(error, "strerror", None) or error)

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        smtp = self._connect()
        try:
            if self.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            if self.user and self.password:
                _log_in(smtp, self.user, self.password)
            yield smtp
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
        finally:
            smtp.close()

    def _connect(self) -> smtplib.SMTP:
        if self.security != "tls":
            return smtplib.SMTP(self.host, self.port, timeout=self.timeout_s)
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_s, context=context)

    def _hide(self, words: str) -> str:
        """What a server answered without the password, which some repeat as they were sent it."""
        for secret in _forms(self.user or "", self.password or ""):
            words = words.replace(secret, HIDDEN)
        return words

    def _announce(self, smtp: smtplib.SMTP, message: EmailMessage) -> MailOutcome | None:
        """Sender, recipient and the wish to send; what the server refused, or None when it waits for it."""
        smtp.ehlo_or_helo_if_needed()
        for code, words in (smtp.mail(self.sender), smtp.rcpt(str(message["To"]))):
            if not DONE <= code < DONE + 2:
                return _answer(code, words)
        code, words = smtp.docmd("DATA")
        return None if code == GO_ON else _answer(code, words)


def in_words(words: str, translate: Translate) -> str:
    """An outcome's words, kept in English, in the reader's language; a mail server's own stay as they are."""
    return say_reason(words, translate, SENTENCES)


def _log_in(smtp: smtplib.SMTP, user: str, password: str) -> None:
    try:
        smtp.login(user, password)
    except UnicodeEncodeError:
        raise smtplib.SMTPException(NOT_ASCII) from None


def _forms(user: str, password: str) -> list[str]:
    """The password as it may have crossed the network: plain, and as LOGIN and PLAIN encode it (RFC 4616)."""
    if not password:
        return []
    sent = (password, f"\0{user}\0{password}")
    return [password, *(base64.b64encode(text.encode()).decode() for text in sent)]


def _hand_over(smtp: smtplib.SMTP, message: EmailMessage) -> MailOutcome:
    try:
        smtp.send(_on_the_wire(message))
        return _answer(*smtp.getreply())
    except (smtplib.SMTPException, OSError) as error:
        return MailOutcome(MailState.UNKNOWN, _words(error))


def _on_the_wire(message: EmailMessage) -> bytes:
    """CRLF lines, a full stop that begins one doubled, and the full stop that ends it (RFC 5321, 4.5.2)."""
    content = message.as_bytes(policy=SMTP)
    return re.sub(rb"(?m)^\.", b"..", content) + (b"" if content.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _answer(code: int, words: bytes) -> MailOutcome:
    text = f"{code} {words.decode(errors='replace')}"
    if code == DONE:
        return MailOutcome(MailState.SENT, text)
    return MailOutcome(MailState.REFUSED if code >= 500 else MailState.DEFERRED, text)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return _answer(error.smtp_code, said.encode() if isinstance(said, str) else said).words
    return str(error) or type(error).__name__
