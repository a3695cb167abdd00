"""The report as a PDF: the same page on paper."""

from scheduler.reports.freezing import FrozenReport
from scheduler.reports.pages.html import render_html
from scheduler.reports.pages.printing import Page, print_page


def render_pdf(report: FrozenReport, language: str) -> bytes:
    """A4 pages with page numbers in this UI language; Refused where the system has no Pango."""
    return print_page(page_of(report, language))


def page_of(report: FrozenReport, language: str) -> Page:
    """What is printed of it."""
    return Page(render_html(report, language, paper=True).decode(), report.sha256.encode())
