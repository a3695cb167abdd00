"""`postroad report comment` and `postroad report restate`: what is said of a report, and what moved since."""

from dataclasses import asdict
from typing import Annotated, TypeAlias

import typer

from scheduler.cli.acting import AS, acting_member
from scheduler.cli.app import runtime_of
from scheduler.cli.console import JSON, show_json, show_line
from scheduler.cli.report import First, Last, day_of, report
from scheduler.cli.wording import LANGUAGE, _
from scheduler.core.catalogue import titles
from scheduler.core.periods import Kind, UnknownPeriod, period_called
from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.reports.dataset import Dimension, Section
from scheduler.reports.words.labels import COMMENTED, DIMENSIONS, SECTIONS
from scheduler.reports.words.wording import Words
from scheduler.services.reach.commenting import comment
from scheduler.services.reach.restating import restate
from scheduler.services.reach.wanting import Wanted, want_campaign, want_period
from scheduler.services.runtime import Runtime

Name: TypeAlias = Annotated[
    str | None,
    typer.Argument(metavar="PERIOD", help=_("ISO week, month or year such as 2026-W47, 2026-11 or 2026")),
]
Campaign: TypeAlias = Annotated[
    str | None, typer.Option(help=_("the report of this campaign instead, over its days or those given"))
]


@report.command("comment", help=_("Write under a section of a report; each comment makes an edition."))
def comment_(
    ctx: typer.Context,
    name: Name = None,
    *,
    section: Annotated[str, typer.Option(help=_("section: output, exposure, reach, responses, …"))],
    text: Annotated[str, typer.Option(help=_("plain text, in the language of the writer"))],
    campaign: Campaign = None,
    first: First = None,
    last: Last = None,
    acting: str | None = AS,
) -> None:
    """It stands apart from the figures, which stay as they are frozen."""
    if section not in COMMENTED:
        raise refuse(
            N_("there is no section {name}; choose from {sections}"),
            name=section,
            sections=", ".join(COMMENTED),
        )
    if not name and not campaign:
        raise refuse(N_("name the report: a week, a month, a year, or --campaign"))
    runtime = runtime_of(ctx)
    wanted = _wanted(runtime, name, campaign=campaign, days=(first, last))
    edition = comment(runtime, wanted, section=section, text=text, by=acting_member(ctx, runtime, acting))
    said = _("{period} has edition {edition} now.")
    show_line(said.format(period=wanted.frame.period.name, edition=edition))


@report.command("restate", help=_("Note what is another figure now in a final report; the report stays."))
def restate_(
    ctx: typer.Context,
    name: Name = None,
    *,
    campaign: Campaign = None,
    first: First = None,
    last: Last = None,
    as_json: bool = JSON,
) -> None:
    """The next report of its kind tells what was noted. By default of the last complete week."""
    runtime, words = runtime_of(ctx), Words(LANGUAGE)
    found = restate(runtime, _wanted(runtime, name, campaign=campaign, days=(first, last)))
    if as_json:
        show_json([asdict(one) for one in found])
        return
    platforms = titles(runtime.catalogue)
    for one in found:
        section, dimension, key, measure = one.place
        about = platforms.get(key, key) if dimension == Dimension.PLATFORM else key
        about = about or words.say(DIMENSIONS[Dimension(dimension)])
        named = " · ".join((words.say(SECTIONS[Section(section)]), about, words.measure(measure)))
        show_line(f"{named}: {words.figure(one.old)} → {words.figure(one.new)}")
    if not found:
        show_line(_("Nothing changed."))


def _wanted(
    runtime: Runtime, name: str | None, *, campaign: str | None, days: tuple[str | None, str | None]
) -> Wanted:
    """A campaign's report, or that of a week, month or year by its name; of none the last complete week's."""
    if campaign:
        if name:
            raise refuse(N_("name either a period or a campaign"))
        return want_campaign(runtime, campaign, first=day_of(days[0]), last=day_of(days[1]))
    if any(days):
        raise refuse(N_("--from and --to go with --campaign"))
    if not name:
        return want_period(runtime, Kind.WEEK)
    try:
        period = period_called(name)
    except UnknownPeriod:
        unknown = N_("{name} is no week, month or year; write it like 2026-W47, 2026-11 or 2026")
        raise refuse(unknown, name=name) from None
    return want_period(runtime, period.kind, period)
