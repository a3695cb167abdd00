"""The PDF is the same report on paper: its figures, its language, its pages, the same bytes twice."""

import io
import sys

import pytest
from pypdf import PdfReader

from scheduler.core.problems import Refused
from scheduler.reports.dataset import Section
from scheduler.reports.freezing import FrozenReport
from scheduler.reports.rendering import FORMATS, makeable, render
from scheduler.reports.words.wording import Words
from tests.reports.sample import sample_report
from tests.servers.debian import require_packages
from tests.servers.processes import ServerUnavailable

PANGO = ("libpango-1.0-0", "libpangoft2-1.0-0", "fonts-noto-core", "fonts-noto-cjk")


@pytest.fixture(scope="module")
def report() -> FrozenReport:
    try:
        require_packages(PANGO, server="the renderer of PDF files")
    except ServerUnavailable as missing:
        pytest.skip(str(missing))
    return sample_report()


def read(content: bytes) -> tuple[str, PdfReader]:
    """What it says, with every run of white space as one space."""
    reader = PdfReader(io.BytesIO(content))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split()), reader


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_paper_says_the_totals_in_the_reader_s_language(report: FrozenReport, language: str) -> None:
    text, reader = read(render(report, "pdf", language))
    words = Words(language)
    for section in (Section.OUTPUT, Section.RESPONSES, Section.AUDIENCE):
        for measure, measured in report.dataset.total(section).items():
            if measured.now.value:
                assert words.number(abs(measured.now.value)) in text, (section, measure)
    assert words.say("Weekly reach report") in text
    assert reader.metadata is not None
    assert words.say("Weekly reach report") in str(reader.metadata.title)
    assert "/MarkInfo" in reader.root_object
    assert f"{len(reader.pages)} / {len(reader.pages)}" in text


def test_without_pango_every_other_format_is_made(
    report: FrozenReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert makeable() == FORMATS
    monkeypatch.delitem(sys.modules, "weasyprint")
    for name in [name for name in sys.modules if name.startswith(("weasyprint.", "cffi"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("cffi.FFI.dlopen", _no_library)
    assert makeable() == tuple(name for name in FORMATS if name != "pdf")
    with pytest.raises(Refused, match="Pango"):
        render(report, "pdf", "en")


def _no_library(*_: object) -> object:
    raise OSError("cannot load library 'libpango-1.0-0'")
