"""The mail server of the settings; for commands and for the planner, which holds no more than it needs."""

from config.settings import Settings
from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.services.reach.smtp import MailServer

IN_THE_CLEAR = N_("the mail password would cross the network in the clear: use starttls or tls")
OWN_MACHINE = ("localhost", "127.0.0.1", "::1")


def mail_server(settings: Settings) -> MailServer | None:
    """Where reports are handed in, None where nothing is set; Refused when it would give a password away."""
    if not settings.smtp_host or not settings.smtp_from:
        return None
    if settings.smtp_password and settings.smtp_security == "none" and settings.smtp_host not in OWN_MACHINE:
        raise refuse(IN_THE_CLEAR)
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        sender=settings.smtp_from,
        user=settings.smtp_user,
        password=settings.smtp_password,
    )
