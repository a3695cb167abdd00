"""`postroad report send` and `postroad report recipients`: reports by mail."""

from typing import Annotated

import typer

from scheduler.cli.acting import AS, acting_member
from scheduler.cli.app import runtime_of, settings_of
from scheduler.cli.console import JSON, show_json, show_line, show_table
from scheduler.cli.mail_server import mail_server
from scheduler.cli.report import period_of, report
from scheduler.cli.wording import LANGUAGE, _
from scheduler.core.mailing import BY_A_PERSON, ONCE_MORE, MailState
from scheduler.core.periods import Kind
from scheduler.core.problems import refuse
from scheduler.core.roles import Right
from scheduler.core.wording import N_
from scheduler.services.reach import mailing
from scheduler.services.reach.mailing import Recipient
from scheduler.services.reach.reporting import reach_report
from scheduler.services.reach.smtp import in_words

NO_SERVER = N_("there is no mail server: set POSTROAD_SMTP_HOST and POSTROAD_SMTP_FROM")
STATES = {
    MailState.SENDING: N_("another process sends it"),
    MailState.SENT: N_("sent"),
    MailState.DEFERRED: N_("not sent, will be tried again"),
    MailState.REFUSED: N_("refused"),
    MailState.UNKNOWN: N_("nobody knows; --again sends it once more"),
}

ADDRESS = typer.Argument(metavar="ADDRESS", help=_("a mail address such as director@example.org"))
recipients = typer.Typer(help=_("Who gets the weekly report by mail."), no_args_is_help=True)
report.add_typer(recipients, name="recipients")


@report.command(help=_("Mail the weekly report to its recipients, each edition once."))
def send(
    ctx: typer.Context,
    week: Annotated[
        str | None, typer.Option(help=_("ISO week such as 2026-W47; default the last complete one"))
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help=_("also to those of whom nobody knows whether they have it"))
    ] = False,
    acting: str | None = AS,
    as_json: bool = JSON,
) -> None:
    """Exit status 1 when somebody does not have it, or may not."""
    server = mail_server(settings_of(ctx))
    if server is None:
        raise refuse(NO_SERVER)
    runtime, chosen = runtime_of(ctx), period_of(Kind.WEEK, week)
    acting_member(ctx, runtime, acting).require(Right.MAIL)
    done = mailing.send_report(
        runtime, reach_report(runtime, Kind.WEEK, chosen), server, again=ONCE_MORE if again else BY_A_PERSON
    )
    if as_json:
        show_json(done)
    elif not done:
        show_line(_("Nobody is waiting for it: postroad report recipients list says who gets it."))
    else:
        show_table(
            [_("recipient"), _("state"), _("remark")],
            [(one.address, _(STATES[one.state]), in_words(one.words, _)) for one in done],
        )
    if any(one.state is not MailState.SENT for one in done):
        raise typer.Exit(1)


@recipients.command(help=_("Mail the weekly report to an address from now on, or change how."))
def add(
    ctx: typer.Context,
    address: str = ADDRESS,
    language: str = typer.Option(LANGUAGE, "--lang", help=_("language of the report: en, zh-CN or ar")),
    formats: str = typer.Option("pdf,xlsx", "--format", help=_("files to attach, comma separated")),
    acting: str | None = AS,
) -> None:
    """An address that is there already gets the new language and formats."""
    runtime = runtime_of(ctx)
    names = tuple(name.strip().lower() for name in formats.split(",") if name.strip())
    wanted = Recipient(address=address, language=language, formats=names)
    mailing.add_recipient(runtime, wanted, by=acting_member(ctx, runtime, acting))
    show_line(_("{address} gets the weekly report").format(address=address))


@recipients.command(help=_("Mail nothing more to an address."))
def remove(ctx: typer.Context, address: str = ADDRESS, acting: str | None = AS) -> None:
    """What was sent to it stays on record."""
    runtime = runtime_of(ctx)
    mailing.remove_recipient(runtime, address, by=acting_member(ctx, runtime, acting))
    show_line(_("{address} gets no report any more").format(address=address))


@recipients.command("list", help=_("List who gets the weekly report."))
def list_(ctx: typer.Context, as_json: bool = JSON) -> None:
    """By address."""
    found = mailing.list_recipients(runtime_of(ctx))
    if as_json:
        show_json(found)
        return
    if not found:
        show_line(_("Nobody gets the weekly report by mail yet: postroad report recipients add."))
    columns = (_("recipient"), _("language"), _("files"))
    show_table(columns, [(one.address, one.language, ", ".join(one.formats)) for one in found])
