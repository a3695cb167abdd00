"""`postroad pause`, `resume` and `pauses`: one person stops, two let it go on."""

import typer

from scheduler.cli.acting import AS, acting_member
from scheduler.cli.app import app, runtime_of, settings_of
from scheduler.cli.console import JSON, show_json, show_line, show_table
from scheduler.cli.moments import clock_in
from scheduler.cli.states import reason_words
from scheduler.cli.wording import _
from scheduler.core.problems import refuse
from scheduler.core.stopping import Scope, Target
from scheduler.core.wording import N_
from scheduler.services.desk import pausing
from scheduler.services.desk.pausing import PauseLine

ALL = typer.Option(False, "--all", help=_("everything"))
PLATFORM = typer.Option(None, help=_("all channels of this platform"))
CHANNEL = typer.Option(None, help=_("this channel"))
CAMPAIGN = typer.Option(None, help=_("all posts of this campaign"))
REASON = typer.Option(..., help=_("why; it is kept"))
ONE_SCOPE = N_("name one of --all, --platform, --channel and --campaign")
SCOPES = {
    Scope.ALL: N_("everything"),
    Scope.PLATFORM: N_("platform"),
    Scope.CHANNEL: N_("channel"),
    Scope.CAMPAIGN: N_("campaign"),
}


@app.command("pause")
def pause(
    ctx: typer.Context,
    *,
    everything: bool = ALL,
    platform: str | None = PLATFORM,
    channel: str | None = CHANNEL,
    campaign: str | None = CAMPAIGN,
    reason: str = REASON,
    acting: str | None = AS,
) -> None:
    """What is in flight can no longer be stopped."""
    target = _target(everything=everything, platform=platform, channel=channel, campaign=campaign)
    runtime = runtime_of(ctx)
    already = pausing.pause(runtime, target, reason=reason, by=acting_member(ctx, runtime, acting))
    said = _("Paused: {scope}. To go on, two people run postroad resume.")
    show_line(said.format(scope=scope_words(target)))
    if already:
        show_line(_already(already, settings_of(ctx).time_zone))


@app.command("resume")
def resume(
    ctx: typer.Context,
    *,
    everything: bool = ALL,
    platform: str | None = PLATFORM,
    channel: str | None = CHANNEL,
    campaign: str | None = CAMPAIGN,
    reason: str = REASON,
    acting: str | None = AS,
) -> None:
    """What became due meanwhile goes out one a minute on each channel, unless it is too late by then."""
    target = _target(everything=everything, platform=platform, channel=channel, campaign=campaign)
    runtime = runtime_of(ctx)
    done = pausing.resume(runtime, target, reason=reason, by=acting_member(ctx, runtime, acting))
    if done.done:
        said = _("Resumed: {scope}. {count} due deliveries go out one a minute on each channel.")
        show_line(said.format(scope=scope_words(target), count=done.spaced))
    else:
        show_line(_("Asked for. Still paused until somebody else runs the same command."))


@app.command("pauses")
def pauses(
    ctx: typer.Context,
    everything: bool = typer.Option(False, "--all", help=_("those that ended as well")),
    as_json: bool = JSON,
) -> None:
    """Oldest first."""
    lines = pausing.list_pauses(runtime_of(ctx), ended=everything)
    if as_json:
        show_json(lines)
        return
    if not lines:
        show_line(_("Nothing is paused."))
        return
    columns = (_("paused"), _("since"), _("by"), _("reason"), _("due"), _("resume"))
    show_table(columns, [_row(line, settings_of(ctx).time_zone) for line in lines])


def _target(*, everything: bool, platform: str | None, channel: str | None, campaign: str | None) -> Target:
    named = {Scope.PLATFORM: platform, Scope.CHANNEL: channel, Scope.CAMPAIGN: campaign}
    targets = [Target(scope=scope, name=name) for scope, name in named.items() if name is not None]
    if everything:
        targets.append(Target(scope=Scope.ALL))
    if len(targets) != 1:
        raise refuse(ONE_SCOPE)
    return targets[0]


def scope_words(target: Target) -> str:
    """What is paused, in the reader's language."""
    return " ".join(word for word in (_(SCOPES[target.scope]), target.name) if word)


def _already(line: PauseLine, viewer_zone: str) -> str:
    said = _("It was paused already, since {at} by {member}: {reason}. One resume ends every pause of it.")
    paused_at, reason = clock_in(line.paused_at, viewer_zone), reason_words(line.reason)
    return said.format(at=paused_at, member=line.paused_by, reason=reason)


def _row(line: PauseLine, viewer_zone: str) -> tuple[object, ...]:
    paused_at = clock_in(line.paused_at, viewer_zone)
    scope, reason = scope_words(Target(scope=line.scope, name=line.name)), reason_words(line.reason)
    return scope, paused_at, line.paused_by, reason, line.waiting, _resumed(line, viewer_zone)


def _resumed(line: PauseLine, viewer_zone: str) -> str:
    if line.resumed_at is not None:
        said = _("resumed by {member}, {at}")
        return said.format(member=line.resumed_by, at=clock_in(line.resumed_at, viewer_zone))
    if line.resume_asked_at is not None:
        said = _("{member} asked, {at}: somebody else must confirm")
        return said.format(member=line.resume_asked_by, at=clock_in(line.resume_asked_at, viewer_zone))
    return ""
