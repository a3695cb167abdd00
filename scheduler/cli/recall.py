"""`postroad recall`: take posts back everywhere, with a receipt for each delivery."""

import typer

from scheduler.cli.acting import AS, acting_member
from scheduler.cli.app import app, runtime_of
from scheduler.cli.console import JSON, show_json, show_line, show_table
from scheduler.cli.pausing import CAMPAIGN, REASON
from scheduler.cli.progress import counting
from scheduler.cli.states import reason_words
from scheduler.cli.wording import _
from scheduler.core.recalls import Receipt
from scheduler.core.wording import N_
from scheduler.services.desk.recalling import RecallLine
from scheduler.services.desk.recalling import recall as take_back

RECEIPTS = {
    Receipt.DELETED: N_("deleted"),
    Receipt.ALREADY_GONE: N_("already gone"),
    Receipt.PERSON: N_("delete by hand"),
    Receipt.AGAIN: N_("tried again by itself"),
    Receipt.CANCELLED: N_("cancelled"),
    Receipt.IN_DOUBT: N_("in doubt: taken down when found"),
}


@app.command("recall")
def recall(
    ctx: typer.Context,
    posts: list[str] = typer.Argument(None, metavar="POST...", help=_("names of posts")),
    *,
    campaign: str | None = CAMPAIGN,
    reason: str = REASON,
    acting: str | None = AS,
    as_json: bool = JSON,
) -> None:
    """Safe to repeat. Exit status 1 while anything may still be live."""
    runtime = runtime_of(ctx)
    by = acting_member(ctx, runtime, acting)
    with counting(_("taking down")) as progress:
        lines = take_back(runtime, posts or [], campaign=campaign, reason=reason, by=by, progress=progress)
    if as_json:
        show_json(lines)
    else:
        _show(lines)
    if not all(line.done for line in lines):
        raise typer.Exit(1)


def _show(lines: list[RecallLine]) -> None:
    columns = (_("delivery"), _("post"), _("channel"), _("receipt"), _("remark"))
    show_table(columns, [_row(line) for line in lines])
    done = sum(line.done for line in lines)
    show_line(_("{done} of {count} are certainly not live.").format(done=done, count=len(lines)))


def _row(line: RecallLine) -> tuple[object, ...]:
    remark = [reason_words(line.reason), "" if line.done else line.url]
    receipt = _(RECEIPTS[line.receipt])
    return line.delivery, line.post, line.channel, receipt, "  ".join(word for word in remark if word)
