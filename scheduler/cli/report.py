"""`postroad report weekly`: what a week reached, on the screen and as files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from scheduler.cli.app import report, runtime_of
from scheduler.cli.console import out, show_json, show_line
from scheduler.cli.wording import LANGUAGE, _
from scheduler.core.problems import refuse
from scheduler.core.weeks import UnknownWeek, Week
from scheduler.core.wording import N_
from scheduler.i18n import REPORT_LANGUAGES
from scheduler.reports.freezing import FrozenReport
from scheduler.reports.pdf import load_renderer
from scheduler.reports.rendering import FORMATS, file_name, makeable, render
from scheduler.reports.terminal import render_terminal
from scheduler.services.reporting import weekly_report


@report.command(help=_("Build or reopen the report of a week, print its summary and write it as files."))
def weekly(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Option("--out", help=_("Folder for the files; made if it is missing."))],
    week: Annotated[
        str | None, typer.Option(help=_("ISO week such as 2026-W47; default the last complete one."))
    ] = None,
    formats: Annotated[
        str | None,
        typer.Option(
            "--format",
            help=_(
                "Formats, comma separated: html, pdf, xlsx, csv, json; default what this machine can make."
            ),
        ),
    ] = None,
    language: Annotated[
        str, typer.Option("--lang", help=_("Language of the report: en, zh-CN or ar."))
    ] = LANGUAGE,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print paths and hash as JSON."))] = False,
) -> None:
    """Options are judged before anything is built."""
    wanted, chosen = _formats(formats), _week(week)
    _check_language(language)
    made = weekly_report(runtime_of(ctx), chosen)
    paths = _write(made, folder, wanted, language)
    if as_json:
        show_json(_described(made, paths))
        return
    out.print(render_terminal(made.dataset, language))
    for path in paths:
        show_line(str(path))


def _formats(text: str | None) -> Sequence[str]:
    if text is None:
        return makeable()
    wanted = [name.strip().lower() for name in text.split(",") if name.strip()]
    for name in wanted:
        if name not in FORMATS:
            raise refuse(
                N_("there is no format {name}; choose from {formats}"), name=name, formats=", ".join(FORMATS)
            )
    if "pdf" in wanted:
        load_renderer()
    return wanted


def _week(text: str | None) -> Week | None:
    try:
        return Week.parse(text) if text else None
    except UnknownWeek:
        raise refuse(N_("{week} is no ISO week; write it like 2026-W47"), week=str(text)) from None


def _check_language(language: str) -> None:
    if language not in REPORT_LANGUAGES:
        raise refuse(
            N_("there is no report in {language}; choose from {languages}"),
            language=language,
            languages=", ".join(REPORT_LANGUAGES),
        )


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
        "week": data.period.week,
        "closing": data.closing,
        "cut_off_at": data.cut_off_at,
        "built_at": data.built_at,
        "sha256": made.sha256,
        "files": [str(path) for path in paths],
    }
