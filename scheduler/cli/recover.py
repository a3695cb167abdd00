"""`postroad recover`: a person's answer to a database that was restored, copied, or lost its journal."""

import typer

from scheduler.cli.acting import AS, acting_member
from scheduler.cli.app import app, runtime_of, settings_of
from scheduler.cli.console import show_json, show_line, show_table
from scheduler.cli.moments import clock_in
from scheduler.cli.pausing import scope_words
from scheduler.cli.states import state_word
from scheduler.cli.wording import _
from scheduler.core.states import State
from scheduler.core.wording import N_
from scheduler.services.desk.pausing import is_pause
from scheduler.services.desk.recovering import Recovery
from scheduler.services.desk.recovering import recover as recover_from
from scheduler.services.evidence.comparing import Comparison, Lost, compare

DAMAGED = N_(
    "lines of the journal that were cut off or changed, so that nobody knows what they said: {count}"
)


@app.command()
def recover(
    ctx: typer.Context,
    *,
    yes: bool = typer.Option(False, "--yes", help=_("do it without asking")),
    acting: str | None = AS,
    as_json: bool = typer.Option(False, "--json", help=_("print as JSON what is lost, and change nothing")),
) -> None:
    """Shows, asks, does."""
    runtime = runtime_of(ctx)
    comparison = compare(runtime)
    if as_json:
        show_json(comparison)
        return
    if comparison.damaged:
        show_line(_(DAMAGED).format(count=comparison.damaged))
    if not comparison.reason:
        show_line(_("Database and journal agree: there is nothing to recover."))
        return
    member = acting_member(ctx, runtime, acting)
    _show(comparison, settings_of(ctx).time_zone)
    if yes or typer.confirm(_("Do so, and let sending go on?")):
        _show_done(recover_from(runtime, by=member))


def _show(comparison: Comparison, viewer_zone: str) -> None:
    """What is wrong, what was sent and decided, and what will be done about it."""
    show_line(_(comparison.reason))
    columns = (
        _("delivery"),
        _("post"),
        _("channel"),
        _("sent"),
        _("the database says"),
        _("it becomes"),
        _("address"),
    )
    if comparison.lost:
        show_table(columns, [_row(lost, viewer_zone) for lost in comparison.lost])
    if comparison.decided:
        rows = [(clock_in(one.at, viewer_zone, seconds=True), one.what) for one in comparison.decided]
        show_table((_("decided"), _("command")), rows)
    if any(is_pause(one.what) for one in comparison.decided):
        show_line(_("What was paused since will be paused again, also where it was resumed."))
    show_line(
        _(
            "All that is planned will be held: what was sent, corrected, cancelled or paused since this copy "
            "is forgotten. Look through it, then use postroad release."
        )
    )


def _row(lost: Lost, viewer_zone: str) -> tuple[object, ...]:
    return (
        lost.delivery or "-",
        lost.sending.post,
        lost.sending.channel,
        clock_in(lost.sent_at, viewer_zone, seconds=True),
        state_word(lost.state) if lost.state else _("not in the database"),
        _becomes(lost),
        (lost.live.url or lost.live.remote_id) if lost.live else "",
    )


def _becomes(lost: Lost) -> str:
    if lost.delivery is None:
        return _("nothing: an import of this post for this channel is refused")
    if lost.recalled or lost.gone:
        return _("recalled")
    if lost.closed:
        return state_word(State.CANCELLED)
    if lost.refused:
        return state_word(State.HELD)
    return _("published") if lost.live else _("unconfirmed")


def _show_done(done: Recovery) -> None:
    show_line(
        _(
            "published: {published}, unconfirmed: {unconfirmed}, held: {held}, missing: {missing}, "
            "recalled: {recalled}, cancelled: {closed}"
        ).format(
            published=done.published,
            unconfirmed=done.unconfirmed,
            held=done.held,
            missing=done.missing,
            recalled=done.recalled,
            closed=done.closed,
        )
    )
    if done.paused:
        scopes = ", ".join(scope_words(target) for target in done.paused)
        said = _("Paused again: {scopes}. To go on, two people run postroad resume.")
        show_line(said.format(scopes=scopes))
