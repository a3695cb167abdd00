"""The report as a PDF: the same page on paper."""

from scheduler.reports.freezing import FrozenReport
from scheduler.reports.pages.html import render_html, style_on_paper
from scheduler.reports.pages.printing import Page, print_page

PROOF = """<!doctype html>
<html lang="en"><title>0</title>
<h1>0</h1><p class="lead">0</p>
<table class="figures"><tr><th>0</th><td><svg><rect fill="#000" width="1" height="1"/></svg></td></tr></table>
<ul><li><a href="https://example.org">0</a></li></ul><code>0</code>"""


def render_pdf(report: FrozenReport, language: str) -> bytes:
    """A4 pages with page numbers in this UI language; Refused where the system has no Pango."""
    return print_page(page_of(report, language))


def page_of(report: FrozenReport, language: str) -> Page:
    """What is printed of it."""
    text = render_html(report, language, paper=True).decode()
    return Page(text, style_on_paper(language), report.sha256.encode())


def proof_of(language: str) -> Page:
    """A short page in the style of a report: who has printed it prints a report faster."""
    return Page(PROOF, style_on_paper(language), b"")
