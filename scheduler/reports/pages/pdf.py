"""The report as a PDF: the same page on paper, tagged for readers that read aloud. Nothing is fetched."""

import logging
from importlib import import_module
from typing import Any

from PIL import ImageFile

from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.reports.freezing import FrozenReport
from scheduler.reports.pages.html import render_html

NO_PANGO = N_(
    "a PDF needs the system's Pango library, which is missing here "
    "(Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0); the other formats need nothing"
)


def render_pdf(report: FrozenReport, language: str) -> bytes:
    """A4 pages with page numbers in this UI language; Refused where the system has no Pango."""
    weasyprint = load_renderer()
    text = render_html(report, language, paper=True).decode()
    inside_only = weasyprint.URLFetcher(allowed_protocols=["data"])
    page = weasyprint.HTML(string=text, url_fetcher=inside_only)
    pdf: bytes = page.write_pdf(pdf_identifier=report.sha256.encode(), pdf_tags=True)
    return pdf


def load_renderer() -> Any:
    """WeasyPrint, loaded when a PDF is wanted: it takes a second and a library of the system.

    Its import tells Pillow to take images that are cut off: that is taken back, for uploads must be whole.
    It warns of every line of style that is meant for screens: only its errors are let through.
    """
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    try:
        return import_module("weasyprint")
    except OSError as error:
        raise refuse(NO_PANGO) from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before
