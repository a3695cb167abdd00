"""A report as files: which formats there are, what they are called, and their bytes."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from importlib import import_module

from scheduler.core.periods import Kind
from scheduler.core.problems import Refused
from scheduler.i18n import REPORT_LANGUAGES, closest_language
from scheduler.reports.figures.collecting import collecting_nothing
from scheduler.reports.freezing import FrozenReport
from scheduler.reports.pages.html import render_html
from scheduler.reports.pages.pdf import page_of, render_pdf
from scheduler.reports.pages.printing import Printer, load_renderer
from scheduler.reports.pptx.presentation import load_presenter, render_presentation
from scheduler.reports.tidy import render_csv
from scheduler.reports.words.manual import named
from scheduler.reports.words.wording import Words


def _render_workbook(report: FrozenReport, language: str) -> bytes:
    """What writes it is loaded when it is wanted: a PDF is being printed by then."""
    content: bytes = import_module("scheduler.reports.xlsx.workbook").render_workbook(report, language)
    return content


_TRANSLATED: Mapping[str, Callable[[FrozenReport, str], bytes]] = {
    "html": render_html,
    "pdf": render_pdf,
    "xlsx": _render_workbook,
    "pptx": render_presentation,
}
_NEUTRAL: Mapping[str, Callable[[FrozenReport], bytes]] = {
    "csv": lambda report: render_csv(report.dataset),
    "json": lambda report: report.export().encode(),
}
KINDS = {Kind.WEEK: "weekly", Kind.MONTH: "monthly", Kind.YEAR: "yearly", Kind.CAMPAIGN: "campaign"}
FORMATS = (*_TRANSLATED, *_NEUTRAL)
PRINTED = "pdf"
LONGEST_SCOPE = 150
"""Bytes of a campaign's name in the names of its files, which may have 255 with all else."""


def makeable(printer: Printer | None = None) -> tuple[str, ...]:
    """Those of FORMATS that this machine can make: some need what is not installed everywhere."""
    return tuple(name for name in FORMATS if _can_make(name, printer))


def require_makeable(format_names: Iterable[str], printer: Printer | None = None) -> None:
    """Refused, saying what is missing, when this machine cannot make one of these; see render_each."""
    for name in format_names:
        if name == PRINTED and printer:
            printer.require()
        elif name == PRINTED:
            load_renderer()
        elif name == "pptx":
            load_presenter()


def _can_make(format_name: str, printer: Printer | None) -> bool:
    try:
        require_makeable([format_name], printer)
    except Refused:
        return False
    return True


def render(report: FrozenReport, format_name: str, language: str) -> bytes:
    """The report in one of FORMATS; CSV and JSON are in no language. The same report, the same bytes."""
    with collecting_nothing():
        if format_name in _NEUTRAL:
            return _NEUTRAL[format_name](report)
        return _TRANSLATED[format_name](_told(report, language), language)


def begin_printing(report: FrozenReport, language: str, printer: Printer) -> None:
    """Hand in what `render_each` takes out: whatever is done between is done while it is printed."""
    with collecting_nothing():
        printer.begin(page_of(_told(report, language), language))


def render_each(
    report: FrozenReport, format_names: Iterable[str], language: str, printer: Printer | None = None
) -> dict[str, bytes]:
    """As `render`, of each format; a PDF comes last from the printer, if there is one that prints it."""
    wanted = dict.fromkeys(format_names, b"")
    for name in wanted:
        if not (printer and name == PRINTED):
            wanted[name] = render(report, name, language)
    return wanted | {PRINTED: printer.printed()} if printer else wanted


def _told(report: FrozenReport, language: str) -> FrozenReport:
    return replace(report, dataset=named(report.dataset, Words(language)))


def file_name(report: FrozenReport, format_name: str, language: str, *, apart: str = "") -> str:
    """`postroad-weekly-2026-W47.html`, with `.zh-CN` before the ending where the words are Chinese.

    Of a campaign: `postroad-campaign-Silk-Road-2026-10-01--2026-11-15.html`; a long name is cut, and told
    from others by its hash. `apart` from the latest: `postroad-weekly-2026-W47-flash.html`.
    """
    tag = closest_language(language, REPORT_LANGUAGES)
    suffix = f".{tag}" if format_name in _TRANSLATED and tag != "en" else ""
    data = report.dataset
    parts = ["postroad", KINDS[data.period.kind], _in_a_file_name(data.scope), data.period.name, apart]
    return f"{'-'.join(filter(None, parts))}{suffix}.{format_name}"


def _in_a_file_name(scope: str) -> str:
    plain = re.sub(r"\W+", "-", scope).strip("-")
    if len(plain.encode()) <= LONGEST_SCOPE:
        return plain
    return (
        f"{plain.encode()[:LONGEST_SCOPE].decode(errors='ignore')}-{sha256(scope.encode()).hexdigest()[:8]}"
    )
