"""`postroad report`: what a week, month, year or campaign reached, on the screen and as files."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from scheduler.cli.app import app, runtime_of, settings_of
from scheduler.cli.console import show_json, show_line
from scheduler.cli.wording import LANGUAGE, _
from scheduler.core.periods import Kind, Period, UnknownPeriod, period_named
from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.reports.freezing import FrozenReport
from scheduler.reports.pages.pdf import proof_of
from scheduler.reports.pages.printing import Printer
from scheduler.reports.rendering import (
    FORMATS,
    PRINTED,
    begin_printing,
    file_name,
    makeable,
    render_each,
    require_makeable,
)
from scheduler.services.reach.renderings import require_known
from scheduler.services.reach.reporting import open_report
from scheduler.services.reach.wanting import Wanted, want_campaign, want_period
from scheduler.services.runtime import Runtime

report = typer.Typer(no_args_is_help=True)
app.add_typer(report, name="report")

UNKNOWN = {
    Kind.WEEK: N_("{name} is no ISO week; write it like 2026-W47"),
    Kind.MONTH: N_("{name} is no month; write it like 2026-11"),
    Kind.YEAR: N_("{name} is no year; write it like 2026"),
}

First: TypeAlias = Annotated[
    str | None,
    typer.Option("--from", help=_("first day such as 2026-10-01; default the first publication's")),
]
Last: TypeAlias = Annotated[
    str | None,
    typer.Option("--to", help=_("last day such as 2026-11-15; default the last publication's")),
]
Edition: TypeAlias = Annotated[
    int | None, typer.Option(help=_("edition of the commentary; default the latest"))
]
Flash: TypeAlias = Annotated[
    bool, typer.Option("--flash", help=_("as the first closing kept it, also after the final one"))
]
Folder: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--out", help=_("folder for the files, made if it is missing; default reports in the data folder")
    ),
]
Formats: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--format",
        help=_(
            "formats, comma separated: html, pdf, xlsx, pptx, csv, json; default what this machine can make"
        ),
    ),
]
Language: TypeAlias = Annotated[
    str, typer.Option("--lang", help=_("language of the report: en, zh-CN or ar"))
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help=_("print paths and hash as JSON"))]


@report.command(help=_("Build or reopen the report of a week, print its summary and write it as files."))
def weekly(
    ctx: typer.Context,
    *,
    folder: Folder = None,
    week: Annotated[
        str | None, typer.Option(help=_("ISO week such as 2026-W47; default the last complete one"))
    ] = None,
    edition: Edition = None,
    flash: Flash = False,
    formats: Formats = None,
    language: Language = LANGUAGE,
    as_json: AsJson = False,
) -> None:
    """Options are judged before anything is built."""
    _make(ctx, _period(Kind.WEEK, week), _Order(formats, language, edition, flash, folder, as_json))


@report.command(help=_("Build or reopen the report of a month, as with a week."))
def monthly(
    ctx: typer.Context,
    *,
    folder: Folder = None,
    month: Annotated[
        str | None, typer.Option(help=_("month such as 2026-11; default the last complete one"))
    ] = None,
    edition: Edition = None,
    flash: Flash = False,
    formats: Formats = None,
    language: Language = LANGUAGE,
    as_json: AsJson = False,
) -> None:
    """Options are judged before anything is built."""
    _make(ctx, _period(Kind.MONTH, month), _Order(formats, language, edition, flash, folder, as_json))


@report.command(help=_("Build or reopen the report of a year, as with a week."))
def yearly(
    ctx: typer.Context,
    *,
    folder: Folder = None,
    year: Annotated[
        str | None, typer.Option(help=_("year such as 2026; default the last complete one"))
    ] = None,
    edition: Edition = None,
    flash: Flash = False,
    formats: Formats = None,
    language: Language = LANGUAGE,
    as_json: AsJson = False,
) -> None:
    """Options are judged before anything is built."""
    _make(ctx, _period(Kind.YEAR, year), _Order(formats, language, edition, flash, folder, as_json))


@report.command(help=_("Build or reopen the report of a campaign: what it brought on the channels it used."))
def campaign(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help=_("name of the campaign"))],
    *,
    folder: Folder = None,
    first: First = None,
    last: Last = None,
    edition: Edition = None,
    flash: Flash = False,
    formats: Formats = None,
    language: Language = LANGUAGE,
    as_json: AsJson = False,
) -> None:
    """Options are judged before anything is built."""
    days = {"first": day_of(first), "last": day_of(last)}
    _make(
        ctx,
        lambda runtime: want_campaign(runtime, name, **days),
        _Order(formats, language, edition, flash, folder, as_json),
    )


def period_of(kind: Kind, name: str | None) -> Period | None:
    """The period of this name, None for none; Refused when it is not one of its kind."""
    try:
        return period_named(kind, name) if name else None
    except UnknownPeriod:
        raise refuse(UNKNOWN[kind], name=str(name)) from None


def day_of(text: str | None) -> date | None:
    """The day, None for none; Refused when it is not written as one, or of no year that has reports."""
    if not text:
        return None
    with suppress(ValueError, UnknownPeriod):
        day = date.fromisoformat(text)
        period_named(Kind.YEAR, str(day.year))
        return day
    raise refuse(N_("{name} is no day; write it like 2026-11-15"), name=text)


@dataclass(frozen=True, slots=True)
class _Order:
    """What the options ask for besides the report itself."""

    formats: str | None
    language: str
    edition: int | None
    flash: bool
    folder: Path | None

    @property
    def apart(self) -> str:
        """What tells the files of one that was asked for from those of the latest."""
        numbered = f"edition-{self.edition}" if self.edition else ""
        return "-".join(filter(None, ("flash" if self.flash else "", numbered)))

    as_json: bool


@dataclass(frozen=True, slots=True)
class _Files:
    """Those that are wanted, of which `chosen` says whether they were named; a PDF has its printer.

    `apart` tells those of a flash or an edition that was asked for from those of the latest.
    """

    formats: Sequence[str]
    language: str
    apart: str
    printer: Printer | None
    chosen: bool

    def makeable(self) -> "_Files":
        """Those of them that this machine can make; Refused where one was named that it cannot."""
        if self.chosen:
            require_makeable(self.formats, self.printer)
            return self
        formats = makeable(self.printer)
        return replace(self, formats=formats, printer=self.printer if PRINTED in formats else None)


def _period(kind: Kind, name: str | None) -> Callable[[Runtime], Wanted]:
    chosen = period_of(kind, name)
    return lambda runtime: want_period(runtime, kind, chosen)


def _make(ctx: typer.Context, want: Callable[[Runtime], Wanted], order: _Order) -> None:
    """What prints loads while the report is built. Files go beside what the centre keeps, by default."""
    files, runtime = _judge(ctx, order), runtime_of(ctx)
    made = open_report(runtime, want(runtime), edition=order.edition, flash=order.flash)
    folder = order.folder or settings_of(ctx).data / "reports"
    _hand_out(made, files.makeable(), folder, as_json=order.as_json)


def _judge(ctx: typer.Context, order: _Order) -> _Files:
    """The files wanted, by default all; Refused as `require_known`. Their printer is there until we end."""
    names = FORMATS if order.formats is None else order.formats.lower().split(",")
    wanted = [name.strip() for name in names if name.strip()]
    require_known(wanted, order.language)
    printer = ctx.with_resource(Printer(proof_of(order.language))) if PRINTED in wanted else None
    return _Files(wanted, order.language, order.apart, printer, order.formats is not None)


def _hand_out(made: FrozenReport, files: _Files, folder: Path, *, as_json: bool) -> None:
    """The paths of the files are the last lines on standard output: what is drawn is drawn meanwhile."""
    if files.printer:
        begin_printing(made, files.language, files.printer)
    if as_json:
        show_json(_described(made, _write(made, folder, files)))
        return
    _draw(made, files.language)
    for path in _write(made, folder, files):
        show_line(str(path))


def _draw(made: FrozenReport, language: str) -> None:
    # what draws takes a while to load, and the PDF is being printed
    from scheduler.cli.terminal import show  # noqa: PLC0415
    from scheduler.reports.terminal import render_terminal  # noqa: PLC0415

    show(render_terminal(made.dataset, language))


def _write(made: FrozenReport, folder: Path, files: _Files) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, content in render_each(made, files.formats, files.language, files.printer).items():
        paths.append(folder / file_name(made, name, files.language, apart=files.apart))
        put_in_place(paths[-1], content)
    return paths


def put_in_place(path: Path, content: bytes) -> None:
    """All of it under this name, or what was there: also where the disk is full or somebody breaks it off."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        draft.unlink(missing_ok=True)


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
