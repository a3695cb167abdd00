"""A PDF is printed by a process of its own, which is loaded meanwhile and outlives nobody."""

import os
import signal
import sys
import time
from pathlib import Path
from subprocess import PIPE, Popen

import psutil
import pytest

from scheduler.core.problems import Refused
from scheduler.reports.pages.pdf import proof_of
from scheduler.reports.pages.printing import Page, Printer
from scheduler.reports.rendering import begin_printing, render, render_each
from tests.reports.sample import sample_report
from tests.servers.debian import require_packages
from tests.servers.processes import ServerUnavailable

STARTS_ONE = """
import time
from scheduler.reports.pages.pdf import proof_of
from scheduler.reports.pages.printing import Printer
printer = Printer(proof_of("en"))
print(printer.process_id, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module", autouse=True)
def _pango() -> None:
    try:
        require_packages(("libpango-1.0-0", "libpangoft2-1.0-0"), server="the renderer of PDF files")
    except ServerUnavailable as missing:
        pytest.skip(str(missing))


def test_files_are_the_same_with_a_printer_and_without() -> None:
    report = sample_report()
    with Printer(proof_of("zh-CN")) as printer:
        begin_printing(report, "zh-CN", printer)
        made = render_each(report, ["csv", "pdf", "xlsx"], "zh-CN", printer)
    assert list(made) == ["csv", "pdf", "xlsx"]
    assert made == {name: render(report, name, "zh-CN") for name in made}


def test_an_error_in_printing_is_raised_where_the_pdf_is_asked_for_and_says_where_it_arose() -> None:
    with Printer(proof_of("en")) as printer:
        printer.begin(Page(text=None, style="", identifier=b""))  # type: ignore[arg-type]
        with pytest.raises(Exception, match="HTML") as caught:
            printer.printed()
        printer.begin(Page(text="<p>next", style="", identifier=b""))
        assert printer.printed().startswith(b"%PDF")
    assert "print_page" in "".join(caught.value.__notes__)


def test_a_printer_that_cannot_print_refuses_each_page_and_lets_nobody_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError(\"cannot load library 'libpango-1.0-0'\")")
    monkeypatch.syspath_prepend(tmp_path)
    with Printer(proof_of("en")) as printer:
        with pytest.raises(Refused, match="Pango"):
            printer.require()
        printer.begin(proof_of("en"))
        with pytest.raises(Refused, match="Pango"):
            printer.printed()


def test_a_printer_that_is_killed_is_told_of_in_words() -> None:
    with Printer(proof_of("en")) as printer:
        printer.require()
        os.kill(printer.process_id, signal.SIGKILL)
        printer.begin(Page(text="<p>", style="", identifier=b""))
        with pytest.raises(Refused, match="memory"):
            printer.printed()


def test_a_printer_is_gone_when_it_is_no_longer_wanted_or_its_starter_was_killed() -> None:
    with Printer(proof_of("en")) as printer:
        used = psutil.Process(printer.process_id)
    assert not used.is_running()
    starter = Popen([sys.executable, "-c", STARTS_ONE], stdout=PIPE, text=True)
    with starter:
        assert starter.stdout is not None
        orphan = psutil.Process(int(starter.stdout.readline()))
        starter.kill()
    until = time.monotonic() + 30
    while orphan.is_running() and orphan.status() != psutil.STATUS_ZOMBIE and time.monotonic() < until:
        time.sleep(0.05)
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE
