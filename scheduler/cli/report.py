"""`postroad report`: what a week, month, year or campaign reached, on the screen and as files."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from scheduler.cli.acting import AS, acting_member
from scheduler.cli.app import report, runtime_of
from scheduler.cli.console import JSON, out, show_json, show_line
from scheduler.cli.wording import LANGUAGE, _
from scheduler.core.periods import Kind, Period, UnknownPeriod, period_named
from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.reports.dataset import Section
from scheduler.reports.freezing import FrozenReport
from scheduler.reports.labels import COMMENTED, SECTIONS
from scheduler.reports.rendering import file_name, makeable, render
from scheduler.reports.terminal import render_terminal
from scheduler.reports.wording import Words
from scheduler.services.renderings import require_files
from scheduler.services.reporting import (
    campaign_report,
    comment,
    open_report,
    reach_report,
    restate,
    want_period,
)

UNKNOWN = {
    Kind.WEEK: N_("{name} is no ISO week; write it like 2026-W47"),
    Kind.MONTH: N_("{name} is no month; write it like 2026-11"),
    Kind.YEAR: N_("{name} is no year; write it like 2026"),
}

Folder: TypeAlias = Annotated[
    Path, typer.Option("--out", help=_("Folder for the files; made if it is missing."))
]
Formats: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--format",
        help=_("Formats, comma separated: html, pdf, xlsx, csv, json; default what this machine can make."),
    ),
]
Language: TypeAlias = Annotated[
    str, typer.Option("--lang", help=_("Language of the report: en, zh-CN or ar."))
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help=_("Print paths and hash as JSON."))]


@report.command(help=_("Build or reopen the report of a week, print its summary and write it as files."))
def weekly(
    ctx: typer.Context,
    *,
    folder: Folder,
    week: Annotated[
        str | None, typer.Option(help=_("ISO week such as 2026-W47; default the last complete one."))
    ] = None,
    edition: Annotated[
        int | None, typer.Option(help=_("Edition of the commentary; default the latest."))
    ] = None,
    formats: Formats = None,
    language: Language = LANGUAGE,
    as_json: AsJson = False,
) -> None:
    """Options are judged before anything is built."""
    formats_, chosen = _judge(formats, language), period_of(Kind.WEEK, week)
    runtime = runtime_of(ctx)
    made = open_report(runtime, want_period(runtime, Kind.WEEK, chosen), edition=edition)
    _hand_out(made, folder, formats_, language, as_json=as_json)


@report.command(help=_("Build or reopen the report of a month, as with a week."))
def monthly(
    ctx: typer.Context,
    *,
    folder: Folder,
    month: Annotated[
        str | None, typer.Option(help=_("Month such as 2026-11; default the last complete one."))
    ] = None,
    formats: Formats = None,
    language: Language = LANGUAGE,
    as_json: AsJson = False,
) -> None:
    """Options are judged before anything is built."""
    wanted, chosen = _judge(formats, language), period_of(Kind.MONTH, month)
    made = reach_report(runtime_of(ctx), Kind.MONTH, chosen)
    _hand_out(made, folder, wanted, language, as_json=as_json)


@report.command(help=_("Build or reopen the report of a year, as with a week."))
def yearly(
    ctx: typer.Context,
    *,
    folder: Folder,
    year: Annotated[
        str | None, typer.Option(help=_("Year such as 2026; default the last complete one."))
    ] = None,
    formats: Formats = None,
    language: Language = LANGUAGE,
    as_json: AsJson = False,
) -> None:
    """Options are judged before anything is built."""
    wanted, chosen = _judge(formats, language), period_of(Kind.YEAR, year)
    made = reach_report(runtime_of(ctx), Kind.YEAR, chosen)
    _hand_out(made, folder, wanted, language, as_json=as_json)


@report.command(help=_("Build or reopen the report of a campaign: what it brought on the channels it used."))
def campaign(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help=_("Name of the campaign."))],
    *,
    folder: Folder,
    first: Annotated[
        str | None,
        typer.Option("--from", help=_("First day such as 2026-10-01; default the first publication's.")),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option("--to", help=_("Last day such as 2026-11-15; default the last publication's.")),
    ] = None,
    formats: Formats = None,
    language: Language = LANGUAGE,
    as_json: AsJson = False,
) -> None:
    """Options are judged before anything is built."""
    wanted, days = _judge(formats, language), (_day(first), _day(last))
    made = campaign_report(runtime_of(ctx), name, first=days[0], last=days[1])
    _hand_out(made, folder, wanted, language, as_json=as_json)


@report.command("comment", help=_("Write under a section of a week's report; each comment makes an edition."))
def comment_(
    ctx: typer.Context,
    week: Annotated[str, typer.Argument(metavar="WEEK", help=_("ISO week such as 2026-W47."))],
    *,
    section: Annotated[str, typer.Option(help=_("Section: output, exposure, reach, responses, ..."))],
    text: Annotated[str, typer.Option(help=_("Plain text, in the language of the writer."))],
    acting: str | None = AS,
) -> None:
    """It stands apart from the figures, which stay as they are frozen."""
    if section not in COMMENTED:
        raise refuse(
            N_("there is no section {name}; choose from {sections}"),
            name=section,
            sections=", ".join(COMMENTED),
        )
    runtime = runtime_of(ctx)
    wanted = want_period(runtime, Kind.WEEK, period_of(Kind.WEEK, week))
    by = acting_member(ctx, runtime, acting)
    edition = comment(runtime, wanted, section=section, text=text, by=by)
    show_line(_("{week} has edition {edition} now.").format(week=week, edition=edition))


@report.command("restate", help=_("Note what is another figure now in the final report of a week; it stays."))
def restate_(
    ctx: typer.Context,
    week: Annotated[
        str | None, typer.Option(help=_("ISO week such as 2026-W47; default the last complete one."))
    ] = None,
    as_json: bool = JSON,
) -> None:
    """The next report tells what was noted."""
    runtime, words = runtime_of(ctx), Words(LANGUAGE)
    found = restate(runtime, want_period(runtime, Kind.WEEK, period_of(Kind.WEEK, week)))
    if as_json:
        show_json([asdict(one) for one in found])
        return
    for one in found:
        section, _dimension, key, measure = one.place
        named = words.say(SECTIONS[Section(section)]), key, words.measure(measure)
        show_line(
            f"{' · '.join(part for part in named if part)}: {words.figure(one.old)} → {words.figure(one.new)}"
        )
    if not found:
        show_line(_("Nothing changed."))


def period_of(kind: Kind, name: str | None) -> Period | None:
    """The period of this name, None for none; Refused when it is not one of its kind."""
    try:
        return period_named(kind, name) if name else None
    except UnknownPeriod:
        raise refuse(UNKNOWN[kind], name=str(name)) from None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise refuse(N_("{name} is no day; write it like 2026-11-15"), name=str(text)) from None


def _judge(formats: str | None, language: str) -> Sequence[str]:
    """The formats wanted, by default what this machine can make; Refused as `require_files`."""
    names = (formats or "").split(",")
    wanted = makeable() if formats is None else [name.strip().lower() for name in names if name.strip()]
    require_files(wanted, language)
    return wanted


def _hand_out(
    made: FrozenReport, folder: Path, formats: Sequence[str], language: str, *, as_json: bool
) -> None:
    paths = _write(made, folder, formats, language)
    if as_json:
        show_json(_described(made, paths))
        return
    out.print(render_terminal(made.dataset, language))
    for path in paths:
        show_line(str(path))


def _write(made: FrozenReport, folder: Path, formats: Sequence[str], language: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in formats:
        path = folder / file_name(made, name, language)
        path.write_bytes(render(made, name, language))
        paths.append(path)
    return paths


def _described(made: FrozenReport, paths: list[Path]) -> dict[str, object]:
    data = made.dataset
    return {
        "kind": data.period.kind,
        "period": data.period.name,
        "scope": data.scope,
        "closing": data.closing,
        "edition": made.edition,
        "cut_off_at": data.cut_off_at,
        "built_at": data.built_at,
        "sha256": made.sha256,
        "files": [str(path) for path in paths],
    }
