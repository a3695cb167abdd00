"""One message to one mail server, with an outcome that never claims more than is known."""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP

from scheduler.core.mailing import MailOutcome, MailState

GO_ON, DONE = 354, 250
LONGEST_WORDS = 300


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
        first byte of the message nothing can have been sent.
        """
        try:
            with self._connected() as smtp:
                refusal = self._announce(smtp, message)
                return refusal or _hand_over(smtp, message)
        except (smtplib.SMTPException, OSError) as error:
            return MailOutcome(MailState.DEFERRED, _words(error))

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        smtp = self._connect()
        try:
            if self.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            if self.user and self.password:
                smtp.login(self.user, self.password)
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

    def _announce(self, smtp: smtplib.SMTP, message: EmailMessage) -> MailOutcome | None:
        """Sender, recipient and the wish to send; what the server refused, or None when it waits for it."""
        smtp.ehlo_or_helo_if_needed()
        for code, words in (smtp.mail(self.sender), smtp.rcpt(str(message["To"]))):
            if not DONE <= code < DONE + 2:
                return _answer(code, words)
        code, words = smtp.docmd("DATA")
        return None if code == GO_ON else _answer(code, words)


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
    text = f"{code} {words.decode(errors='replace')}"[:LONGEST_WORDS]
    if code == DONE:
        return MailOutcome(MailState.SENT, text)
    return MailOutcome(MailState.REFUSED if code >= 500 else MailState.DEFERRED, text)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return _answer(error.smtp_code, said.encode() if isinstance(said, str) else said).words
    return (str(error) or type(error).__name__)[:LONGEST_WORDS]
