"""`postroad attention` and `postroad resolve`: what waits for a person, and the person's answer."""

import typer

from scheduler.cli.acting import AS, acting_member
from scheduler.cli.app import app, runtime_of, settings_of
from scheduler.cli.console import JSON, show_json, show_line
from scheduler.cli.insight import show_alerts
from scheduler.cli.moments import clock_in
from scheduler.cli.numbers import DELIVERY, MOST_DAYS
from scheduler.cli.pausing import REASON
from scheduler.cli.states import reason_words, state_word
from scheduler.cli.wording import _
from scheduler.core.problems import refuse
from scheduler.core.states import State
from scheduler.core.wording import N_
from scheduler.services.desk import resolving
from scheduler.services.desk.attention import attention as find_causes
from scheduler.services.desk.causes import EVERY, Cause, Remedy

ONE_ANSWER = N_("name one of --published, --absent and --send-again")
REMEDIES = {
    Remedy.RELEASE: N_("look at them, then let them go on"),
    Remedy.APPROVE: N_("approve them, then let them go on"),
    Remedy.RECONNECT: N_("connect the channel again, then let them go on"),
    Remedy.RESOLVE: N_("look at the channel, then say what is there"),
    Remedy.REWRITE: N_("see the evidence, then import the corrected post under a new name"),
    Remedy.DELETE_BY_HAND: N_("delete it at its link by hand, then recall again"),
    Remedy.COMPARE: N_("compare it at its link with what was approved; recall it if it must not stay so"),
    Remedy.ACCEPT_CLOCK: N_("set the clock right, or say that it is"),
    Remedy.SET_CLOCK: N_("set the clocks of these machines right"),
    Remedy.RECOVER: N_("compare database and journal"),
    Remedy.RAISE_BUDGET: N_("raise POSTROAD_READING_BUDGET, or wait for the next month"),
}
AT_ITS_LINK = (Remedy.DELETE_BY_HAND, Remedy.COMPARE)


@app.command("attention")
def attention(
    ctx: typer.Context,
    days: int = typer.Option(14, min=1, max=MOST_DAYS, help=_("rejected and missed ones of so many days")),
    as_json: bool = JSON,
) -> None:
    """The largest group first."""
    runtime, zone = runtime_of(ctx), settings_of(ctx).time_zone
    causes = find_causes(runtime, days=days)
    if as_json:
        show_json(causes)
        return
    if not causes:
        show_line(_("Nothing waits for a person."))
    for cause in causes:
        _show(cause, zone)
    show_alerts(runtime, zone)


@app.command("resolve")
def resolve(
    ctx: typer.Context,
    delivery: int = DELIVERY,
    *,
    published: str | None = typer.Option(None, metavar="URL", help=_("it is live, at this link")),
    absent: bool = typer.Option(False, "--absent", help=_("it is not there, and is not sent any more")),
    again: bool = typer.Option(False, "--send-again", help=_("it is not there: send it once more")),
    reason: str = REASON,
    acting: str | None = AS,
) -> None:
    """The last two are refused within ten minutes of the last try: it may still appear."""
    if (published is not None) + absent + again != 1:
        raise refuse(ONE_ANSWER)
    runtime = runtime_of(ctx)
    by = acting_member(ctx, runtime, acting)
    if published is not None:
        resolving.resolve_published(runtime, delivery, published, reason=reason, by=by)
        state = State.PUBLISHED
    elif absent:
        resolving.resolve_absent(runtime, delivery, reason=reason, by=by)
        state = State.CANCELLED
    else:
        resolving.send_again(runtime, delivery, reason=reason, by=by)
        state = State.READY
    show_line(_("Delivery {delivery}: {state}").format(delivery=delivery, state=state_word(state)))


def _show(cause: Cause, viewer_zone: str) -> None:
    """Four lines at most: what and how many, why, where, and what to do."""
    said = _("{count} × {state} on {platform}, the oldest due {at}")
    if cause.platform == EVERY:
        said = _("Everything: {count} that are due wait") if cause.count else _("Everything waits")
    if cause.remedy is Remedy.RAISE_BUDGET:
        said = _("Counters on {platform} are not read: {count} posts wait")
    show_line(
        said.format(
            count=cause.count,
            state=state_word(cause.state),
            platform=cause.platform,
            at=clock_in(cause.oldest_at, viewer_zone),
        )
    )
    for words in (reason_words(cause.reason), ", ".join(cause.channels), _(REMEDIES[cause.remedy])):
        if words:
            show_line(f"   {words}")
    for url in cause.urls[:5] if cause.remedy in AT_ITS_LINK else ():
        show_line(f"   {url}")
    show_line(f"   $ {cause.command}")
